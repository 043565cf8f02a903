//! Why does it hang? A look at the tree tells who waits for whom, and who does not answer.
//!
//! The mill is written as it should not be: it blocks its actor instead of awaiting, so that nothing
//! else runs there meanwhile. The bakery waits for the mill, and the root for the bakery. After how many
//! seconds the mill is done can be said, so that there is time to look by `tractor top`, too.

use std::env;
use std::error::Error;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use tokio::time::timeout;
use tractor::{Result, modules};

/// A mistake: an `async fn` that blocks. As a plain `fn` it would run beside the actor's tasks.
#[tractor::rpc]
async fn grind(grain: u64, time: Duration) -> u64 {
    thread::sleep(time);
    grain * 9 / 10
}

#[tractor::rpc]
async fn bake(grain: u64, time: Duration) -> Result<u64> {
    tractor::nursery()
        .scope(async |an| {
            let mill = an.start_actor("mill", modules![self]).await?;
            let flour = mill.run(grind(grain, time)).await?;
            mill.cancel_actor().await?;
            Ok(flour * 2)
        })
        .await
}

/// Awaits `call`, and shows the tree as often as `patience` is over before that.
async fn impatiently<T>(patience: Duration, call: impl Future<Output = Result<T>>) -> Result<T> {
    let mut call = pin!(call);
    loop {
        match timeout(patience, &mut call).await {
            Ok(result) => return result,
            Err(_) => println!("{}\n", tractor::snapshot().timeout(patience).await?),
        }
    }
}

#[tractor::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let time = match env::args().nth(1) {
        None => Duration::from_secs(2),
        Some(seconds) => Duration::from_secs(seconds.parse()?),
    };
    tractor::cluster! { modules: [self], names: ["bakery"] }
        .scope(async |workers| {
            let bakery = workers["bakery"].run(bake(100, time));
            let loaves = impatiently(Duration::from_millis(500), bakery).await?;
            println!("{loaves} loaves");
            Ok(())
        })
        .await
}

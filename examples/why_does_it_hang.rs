//! Why does it hang? A look at the tree tells who waits for whom, and who does not answer.
//!
//! The mill is written as it should not be: it blocks its actor instead of awaiting, so that nothing
//! else runs there meanwhile. The bakery waits for the mill, and the root for the bakery.

use std::pin::pin;
use std::thread;
use std::time::Duration;

use tokio::time::timeout;
use tractor::{Result, modules};

/// A mistake: an `async fn` that blocks. As a plain `fn` it would run beside the actor's tasks.
#[tractor::rpc]
async fn grind(grain: u64) -> u64 {
    thread::sleep(Duration::from_secs(2));
    grain * 9 / 10
}

#[tractor::rpc]
async fn bake(grain: u64) -> Result<u64> {
    tractor::nursery()
        .scope(async |an| {
            let mill = an.start_actor("mill", modules![self]).await?;
            let flour = mill.run(grind(grain)).await?;
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
async fn main() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["bakery"] }
        .scope(async |workers| {
            let bakery = workers.get("bakery").expect("it was named above");
            let loaves = impatiently(Duration::from_millis(500), bakery.run(bake(100))).await?;
            println!("{loaves} loaves");
            Ok(())
        })
        .await
}

//! Why is it slow? The spans of the handlers tell where the time of a call goes, over all processes.
//!
//! The bakery waits for the mill: its time is idle. That of the mill is busy, and there it has to be spent
//! better.

use std::io;

use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::time::uptime;
use tractor::{Config, Result, modules};

/// Sums up more than it would have to.
#[tractor::rpc]
async fn grind(grain: u64) -> u64 {
    let grains = 0..grain * 100_000;
    grains.fold(0, |ground, _| std::hint::black_box(ground + 1)) / 100_000
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

fn main() -> Result<()> {
    // Before `run`, and so in every actor: a line for each span that closes, with its times.
    tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(io::stdout)
        .with_ansi(false)
        .with_timer(uptime())
        .init();
    tractor::run(Config::new(), async || {
        tractor::cluster! { modules: [self], names: ["bakery"] }
            .scope(async |workers| {
                let loaves = workers["root.bakery"].run(bake(100)).await?;
                println!("{loaves} loaves");
                Ok(())
            })
            .await
    })
}

//! One context with every worker of a cluster, and messages cycled over all their streams.
//!
//! ```console
//! $ cargo run --release --example cluster_streams
//! worker_0 makes 0 of 0
//! worker_1 makes 1 of 1
//! worker_2 makes 4 of 2
//! worker_0 makes 9 of 3
//! worker_1 makes 16 of 4
//! worker_2 makes 25 of 5
//! worker_0 makes 36 of 6
//! worker_1 makes 49 of 7
//! worker_0 has answered 3 times
//! worker_1 has answered 3 times
//! worker_2 has answered 2 times
//! ```

#![forbid(unsafe_code)]

use tractor::{Context, Result};

/// Squares what it receives, and returns how often.
#[tractor::context]
async fn squarer(ctx: Context<u32, u64, u64>) -> Result<usize> {
    let mut stream = ctx.started(std::process::id()).await?.open_stream();
    let mut answered = 0;
    while let Some(n) = stream.try_next().await? {
        stream.send(n * n).await?;
        answered += 1;
    }
    Ok(answered)
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::cluster! { modules: [self], count: 3 }
        .scope(async |workers| {
            workers
                .open_contexts(squarer)
                .scope(async |contexts| {
                    let (contexts, mut streams): (Vec<_>, Vec<_>) = contexts
                        .into_iter()
                        .map(|(ctx, pid)| {
                            assert_eq!(ctx.callee().pid(), pid);
                            let stream = ctx.open_stream();
                            (ctx, stream)
                        })
                        .unzip();
                    for (n, worker) in (0..8).zip((0..streams.len()).cycle()) {
                        let stream = &mut streams[worker];
                        stream.send(n).await?;
                        if let Some(square) = stream.try_next().await? {
                            let name = contexts[worker].callee().name();
                            println!("{name} makes {square} of {n}");
                        }
                    }
                    // Every worker reads `None`, and returns.
                    drop(streams);
                    for ctx in contexts {
                        let name = ctx.callee().name().to_owned();
                        println!("{name} has answered {} times", ctx.result().await?);
                    }
                    Ok(())
                })
                .await
        })
        .await
}

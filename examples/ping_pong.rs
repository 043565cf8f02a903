//! A context: two tasks in two processes that talk to each other until both have ended.
//!
//! ```console
//! $ cargo run --release --example ping_pong
//! the ponger is ready
//! ping 1, pong 1
//! ping 2, pong 2
//! ping 3, pong 3
//! ping 4, pong 4
//! ping 5, pong 5
//! the ponger has answered 5 times
//! ```

#![forbid(unsafe_code)]

use tractor::{Context, Result};

/// Starts with a `String`, sends `String`s and receives numbers.
#[tractor::context]
async fn ponger(ctx: Context<String, String, u32>) -> Result<u32> {
    let ready = "the ponger is ready".to_owned();
    let mut stream = ctx.started(ready).await?.open_stream();
    let mut answered = 0;
    while let Some(ping) = stream.try_next().await? {
        stream.send(format!("pong {ping}")).await?;
        answered += 1;
    }
    Ok(answered)
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            workers["worker_0"]
                .open_context(ponger)
                .scope(async |ctx, ready| {
                    println!("{ready}");
                    let mut stream = ctx.open_stream();
                    for ping in 1..=5 {
                        stream.send(ping).await?;
                        if let Some(pong) = stream.try_next().await? {
                            println!("ping {ping}, {pong}");
                        }
                    }
                    // The ponger reads `None`, and returns.
                    stream.close().await?;
                    let answered = ctx.result().await?;
                    println!("the ponger has answered {answered} times");
                    Ok(())
                })
                .await
        })
        .await
}

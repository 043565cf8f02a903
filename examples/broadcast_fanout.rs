//! One stream, several readers: each local task gets its own copy of every item, while sending goes on.
//!
//! ```console
//! $ cargo run --release --example broadcast_fanout
//! lowest: 20
//! highest: 998
//! total: 51650
//! the exchange has quoted 100 prices
//! ```

#![forbid(unsafe_code)]

use futures_util::TryStreamExt;
use tractor::{Context, Result};

/// Answers every order with a price, and returns how many there were.
#[tractor::context]
async fn exchange(ctx: Context<(), u64, u64>) -> Result<usize> {
    let mut stream = ctx.started(()).await?.open_stream();
    let mut quoted = 0;
    while let Some(order) = stream.try_next().await? {
        stream.send((order * 7919 + 17) % 1000).await?;
        quoted += 1;
    }
    Ok(quoted)
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            workers["worker_0"]
                .open_context(exchange)
                .scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    // Who subscribes before the first order misses nothing.
                    let lows = stream.subscribe();
                    let highs = stream.subscribe();
                    let all = stream.subscribe();

                    let lowest = lows.try_fold(u64::MAX, async |low, price| Ok(low.min(price)));
                    let highest = highs.try_fold(0, async |high, price| Ok(high.max(price)));
                    let total = all.try_fold(0, async |sum, price| Ok(sum + price));
                    let send = async {
                        for order in 1..=100 {
                            stream.send(order).await?;
                        }
                        // The exchange returns, and every subscriber reads to its end.
                        stream.close().await
                    };
                    let (lowest, highest, total, ()) =
                        tokio::try_join!(lowest, highest, total, send)?;
                    println!("lowest: {lowest}\nhighest: {highest}\ntotal: {total}");

                    let quoted = ctx.result().await?;
                    println!("the exchange has quoted {quoted} prices");
                    Ok(())
                })
                .await
        })
        .await
}

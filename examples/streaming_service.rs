//! Three levels: two streamers feed an aggregator, which started them, and that feeds the root.
//!
//! Both streamers yield the same numbers; the aggregator passes each on once.
//!
//! ```console
//! $ cargo run --release --example streaming_service
//! got 1000 numbers, each once
//! the aggregator has dropped 1000 duplicates
//! ```

#![forbid(unsafe_code)]

use std::collections::HashSet;

use futures_util::stream::{self, Stream, TryStreamExt};
use tractor::{Context, Result, modules};

/// What a streamer does.
#[tractor::rpc]
fn numbers(below: u64) -> impl Stream<Item = u64> {
    stream::iter(0..below)
}

/// Merges two streamers, and returns how many duplicates it has dropped.
#[tractor::context]
async fn aggregate(ctx: Context<(), u64, ()>, below: u64) -> Result<usize> {
    tractor::nursery()
        .scope(async |an| {
            let first = an.start_actor("streamer_1", modules![self]).await?;
            let second = an.start_actor("streamer_2", modules![self]).await?;
            let mut merged = stream::select(
                first.open_stream_from(numbers(below)),
                second.open_stream_from(numbers(below)),
            );

            let mut out = ctx.started(()).await?.open_stream();
            let (mut seen, mut dropped) = (HashSet::new(), 0);
            while let Some(number) = merged.try_next().await? {
                if seen.insert(number) {
                    out.send(number).await?;
                } else {
                    dropped += 1;
                }
            }
            an.cancel().await;
            Ok(dropped)
        })
        .await
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let aggregator = an.start_actor("aggregator", modules![self]).await?;
            let (numbers, dropped) = aggregator
                .open_context(aggregate(1000))
                .scope(async |ctx, ()| {
                    let numbers: Vec<_> = ctx.open_stream().try_collect().await?;
                    Result::<_>::Ok((numbers, ctx.result().await?))
                })
                .await?;
            let distinct: HashSet<_> = numbers.iter().collect();
            assert_eq!(distinct.len(), numbers.len());
            println!("got {} numbers, each once", numbers.len());
            println!("the aggregator has dropped {dropped} duplicates");
            aggregator.cancel_actor().await
        })
        .await
}

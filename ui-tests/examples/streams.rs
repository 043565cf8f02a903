//! What a function that returns a stream can look like.
use std::num::ParseIntError;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tractor::{Portal, Result, StreamFn, modules};

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> + Send + use<> {
    stream::iter(0..count)
}

#[tractor::rpc]
async fn later(count: u64) -> impl futures_util::Stream<Item = u64> {
    tokio::task::yield_now().await;
    ticks(count)
}

/// Items can be errors.
#[tractor::rpc]
fn numbers(text: String) -> impl Stream<Item = Result<u32, ParseIntError>> {
    let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
    stream::iter(words).map(|word| word.parse())
}

#[tractor::rpc]
fn units() -> impl Stream<Item = ()> {
    stream::iter([(), ()])
}

#[cfg(any())]
#[tractor::rpc]
fn never() -> impl Stream<Item = Unknown> {}

fn path<F: StreamFn>() -> &'static str {
    F::PATH
}

async fn open(portal: Portal) -> Result<()> {
    let all: Vec<u64> = portal.open_stream_from(ticks(5)).try_collect().await?;
    assert_eq!(all, [0, 1, 2, 3, 4]);
    assert_eq!(portal.open_stream_from(later(3)).count().await, 3);
    assert_eq!(portal.open_stream_from(units).count().await, 2);
    let numbers: Vec<_> = portal
        .open_stream_from(numbers("1 x 3".into()))
        .collect()
        .await;
    let good = numbers.iter().filter_map(|number| number.as_ref().ok());
    assert_eq!(good.sum::<u32>(), 4);
    assert_eq!(numbers.len(), 3);
    Ok(())
}

#[tractor::main]
async fn main() -> Result<()> {
    assert_eq!(
        ticks(5).map(|n| n * 2).collect::<Vec<_>>().await,
        [0, 2, 4, 6, 8]
    );
    assert_eq!(later(2).count().await, 2);
    assert!(path::<ticks>().ends_with("ticks"));
    tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("a", modules![self]).await?;
            open(portal.dynamic()).await?;
            portal.cancel_actor().await
        })
        .await
}

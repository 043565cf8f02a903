//! The streams are those of `futures`: what is made for them applies.
use futures_util::stream::{self, select};
use futures_util::{Sink, SinkExt, Stream, StreamExt, TryStreamExt};
use tractor::{Context, ContextStream, Error, Portal, Result, StreamCall, StreamFn, modules};

/// Sends back what it receives.
#[tractor::context]
async fn echo(ctx: Context<(), u64, u64>) -> Result<()> {
    let stream = ctx.started(()).await?.open_stream();
    let (sink, items) = StreamExt::split(stream);
    items.forward(sink).await
}

/// Sends what it receives, and some of its own.
#[tractor::context]
async fn merged(ctx: Context<(), u64, u64>) -> Result<()> {
    let (mut send, receive) = ctx.started(()).await?.open_stream().split();
    let mut items = select(receive, stream::iter(100..103).map(Ok));
    send.send_all(&mut items).await
}

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    stream::iter(0..count)
}

/// Sends `0..5` and sums up what comes.
async fn converse<S>(stream: S) -> Result<u64>
where
    S: Stream<Item = Result<u64>> + Sink<u64, Error = Error>,
{
    let (mut sink, items) = stream.split();
    let sending = async {
        sink.send_all(&mut stream::iter(0..5).map(Ok)).await?;
        sink.close().await
    };
    let summing = items.try_fold(0, async |sum, n| Ok(sum + n));
    let ((), sum) = tokio::try_join!(sending, summing)?;
    Ok(sum)
}

/// Reads any stream of numbers, from here or from there.
async fn both<F>(portal: &Portal, call: fn(u64) -> StreamCall<F>) -> Result<usize>
where
    F: StreamFn<Item = u64, Yield = u64>,
{
    let here = call(2).map(Ok);
    let there = portal.open_stream_from(call(3));
    let all: Vec<u64> = select(here, there).try_collect().await?;
    Ok(all.len())
}

async fn open(portal: Portal) -> Result<()> {
    let echoed = portal.open_context(echo).scope(async |ctx, ()| {
        let stream: ContextStream<u64, u64> = ctx.open_stream();
        converse(stream).await
    });
    assert_eq!(echoed.await?, 10);
    let merged = portal.open_context(merged);
    let merged = merged.scope(async |ctx, ()| converse(ctx.open_stream()).await);
    assert_eq!(merged.await?, 10 + 303);
    assert_eq!(both(&portal, ticks).await?, 5);
    Ok(())
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("a", modules![self]).await?;
            open(portal.dynamic()).await?;
            portal.cancel_actor().await
        })
        .await
}

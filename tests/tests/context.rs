//! Contexts: a task here and one in another process, whose lives are linked.

use futures_util::{StreamExt, TryStreamExt};
use tests::actor::{assert_nobody_left, done, fresh_name, within};
use tractor::{Context, Error, Result, modules};

/// Adds what it receives, and says the sum after each.
#[tractor::context]
async fn adder(ctx: Context<String, u64, u64>, start: u64) -> Result<u64> {
    let mut stream = ctx.started(format!("from {start}")).await?.open_stream();
    let mut sum = start;
    while let Some(n) = stream.try_next().await? {
        sum += n;
        stream.send(sum).await?;
    }
    Ok(sum)
}

#[tractor::test(name = fresh_name())]
async fn dialog_goes_both_ways() -> Result<()> {
    let sum = tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("adder", modules![self]).await?;
            let sum = within(
                "the context",
                portal.open_context(adder(10)).scope(async |ctx, first| {
                    assert_eq!(first, "from 10");
                    let mut stream = ctx.open_stream();
                    for n in 1..=1000 {
                        stream.send(n).await?;
                        assert_eq!(stream.try_next().await?, Some(10 + n * (n + 1) / 2));
                    }
                    stream.close().await?;
                    assert_eq!(stream.try_next().await?, None);
                    ctx.result().await
                }),
            )
            .await?;
            an.cancel().await;
            Result::<_, Error>::Ok(sum)
        })
        .await?;
    assert_eq!(sum, 10 + 500_500);
    assert_nobody_left().await;
    Ok(())
}

#[tractor::rpc]
fn ticks(count: u64) -> impl futures_util::Stream<Item = u64> {
    futures_util::stream::iter(0..count)
}

#[tractor::rpc]
async fn words(
    text: String,
) -> impl futures_util::Stream<Item = Result<String, std::num::ParseIntError>> {
    let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
    futures_util::stream::iter(words).map(|word| word.parse::<u32>().map(|n| format!("<{n}>")))
}

#[tractor::test(name = fresh_name())]
async fn one_way_streams_arrive() -> Result<()> {
    assert_eq!(ticks(5).collect::<Vec<_>>().await, [0, 1, 2, 3, 4]);
    tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("adder", modules![self]).await?;
            let many: Vec<u64> = portal
                .open_stream_from(ticks(1_000_000))
                .try_collect()
                .await?;
            assert!(many.into_iter().eq(0..1_000_000));
            let words: Vec<_> = portal
                .open_stream_from(words("1 x 3".into()))
                .collect()
                .await;
            assert_eq!(words.len(), 3);
            println!("{words:?}");
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::context]
async fn echo(ctx: Context<u32, Vec<u8>, Vec<u8>>) -> Result<()> {
    let mut stream = ctx.started(std::process::id()).await?.open_stream();
    while let Some(item) = stream.try_next().await? {
        stream.send(item).await?;
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn large_items_and_many_contexts() -> Result<()> {
    tractor::cluster! { modules: [self], count: 3 }
        .scope(async |workers| {
            workers
                .open_contexts(echo)
                .scope(async |contexts| {
                    for (ctx, pid) in contexts {
                        assert_eq!(ctx.callee().pid(), pid);
                        let mut stream = ctx.open_stream();
                        for size in [0, 1, 100, 32 << 10, (32 << 10) + 1, 5 << 20] {
                            let item = vec![7; size];
                            stream.send(item.clone()).await?;
                            assert!(stream.try_next().await? == Some(item));
                        }
                    }
                    done()
                })
                .await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

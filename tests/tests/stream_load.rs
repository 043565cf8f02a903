//! Many streams, large items and readers that do not read: everything stays bounded (B1), and nothing
//! holds up anything else.

use std::fs;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use futures_util::future::{join, join_all};
use tests::actor::{assert_nobody_left, done, fresh_name, spawn, within};
use tests::workers::add;
use tractor::{Context, ContextStream, Error, Overrun, Portal, Result, gather_contexts, modules};

/// Sends back what it receives.
#[tractor::context]
async fn echo(ctx: Context<(), u64, u64>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    while let Some(item) = stream.try_next().await? {
        stream.send(item).await?;
    }
    Ok(())
}

/// The most memory that a process has had so far, in KiB.
fn memory(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it is alive");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|number| number.parse().ok())
        .expect("it is a number")
}

/// What a gibibyte that nobody reads may cost, in KiB: a few windows and items of 1 MiB.
const BOUND: usize = 16 << 10;
const GIB: usize = 1 << 30;

/// Who floods whom in a test of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Flood {
    Downward,
    Upward,
    DroppingOldest,
}

/// The bytes that this actor has tried to send.
static TRIED: AtomicUsize = AtomicUsize::new(0);

#[tractor::rpc]
async fn tried() -> usize {
    TRIED.load(Ordering::SeqCst)
}

async fn pour(stream: &mut ContextStream<String, String>, size: usize) -> Result<()> {
    let item = "x".repeat(size);
    for _ in 0..GIB / size {
        TRIED.fetch_add(size, Ordering::SeqCst);
        stream.send(item.clone()).await?;
    }
    Ok(())
}

/// Never reads, and sends a gibibyte if it is told to.
#[tractor::context]
async fn deaf(ctx: Context<(), String, String>, sends: bool, size: usize) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    if sends {
        pour(&mut stream, size).await?;
    }
    pending().await
}

/// A sender that nobody reads of comes to its window, and not much further.
fn assert_stuck(tried: usize) {
    assert!(tried > 64 << 10 && tried < GIB / 16, "{tried} bytes");
}

/// Opens a stream to a child that floods it, or is flooded; gives the KiB that both have grown by.
#[tractor::rpc]
async fn flood(flood: Flood, size: usize) -> Result<(usize, usize)> {
    tractor::nursery()
        .scope(async |an| {
            let leaf = an
                .start_actor("leaf", modules![self, tests::workers])
                .await?
                .dynamic();
            // What serves calls and streams at all is there before it is measured.
            trickle(&leaf).await?;
            let (me, there) = (std::process::id(), leaf.aid().pid());
            let before = (memory(me), memory(there));
            let context = leaf.open_context(deaf(flood == Flood::Upward, size));
            let flooding = context.scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                if flood == Flood::DroppingOldest {
                    stream = stream.overrun(Overrun::DropOldest);
                    pour(&mut stream, size).await?;
                    assert!(stream.dropped() > 0, "a gibibyte is more than the window");
                    trickle(&leaf).await?;
                } else if flood == Flood::Downward {
                    tokio::select! {
                        result = pour(&mut stream, size) => panic!("nobody reads it: {result:?}"),
                        result = trickle(&leaf) => result?,
                    }
                    assert_stuck(TRIED.load(Ordering::SeqCst));
                } else {
                    trickle(&leaf).await?;
                    assert_stuck(leaf.run(tried).await?);
                }
                let most = (memory(me), memory(there));
                ctx.cancel().await?;
                Result::<_, Error>::Ok(most)
            });
            let after = flooding.await?;
            an.cancel().await;
            Ok((
                after.0.saturating_sub(before.0),
                after.1.saturating_sub(before.1),
            ))
        })
        .await
}

/// Another stream and calls on the same link, for a while.
async fn trickle(portal: &Portal) -> Result<()> {
    let scope = portal.open_context(echo).scope(async |ctx, ()| {
        let mut stream = ctx.open_stream();
        for n in 0..300 {
            stream.send(n).await?;
            assert_eq!(stream.try_next().await?, Some(n));
            assert_eq!(portal.run(add(n, 1)).await?, n + 1);
        }
        done()
    });
    scope.await
}

async fn memory_is_bounded(how: Flood, sizes: [usize; 2]) -> Result<()> {
    for size in sizes {
        tractor::cluster! { modules: [self, tests::workers], count: 1 }
            .scope(async |workers| {
                let flooded = workers["worker_0"].run(flood(how, size));
                let (here, there) = within("the flood", flooded).await?;
                println!(
                    "{how:?} of items of {size} bytes: opener +{here} KiB, callee +{there} KiB"
                );
                assert!(here < BOUND, "the opener has grown by {here} KiB");
                assert!(there < BOUND, "the callee has grown by {there} KiB");
                done()
            })
            .await?;
    }
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn callee_that_never_reads_keeps_memory_bounded() -> Result<()> {
    memory_is_bounded(Flood::Downward, [10, 1 << 20]).await
}

#[tractor::test(name = fresh_name())]
async fn opener_that_never_reads_keeps_memory_bounded() -> Result<()> {
    memory_is_bounded(Flood::Upward, [10, 1 << 20]).await
}

#[tractor::test(name = fresh_name())]
async fn sender_that_never_waits_keeps_memory_bounded() -> Result<()> {
    memory_is_bounded(Flood::DroppingOldest, [1 << 10, 1 << 20]).await
}

/// Says when a whole item has arrived.
#[tractor::context]
async fn swallow(ctx: Context<(), usize, String>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    while let Some(item) = stream.try_next().await? {
        stream.send(item.len()).await?;
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn large_item_holds_nobody_up() -> Result<()> {
    const LARGE: usize = 64 << 20;
    // The window is no limit here: what keeps the item from taking the link for itself are its parts.
    tractor::cluster! { modules: [self, tests::workers], count: 1, stream_window: 2 * LARGE }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let scopes = portal.open_context(swallow).scope(async |ctx, ()| {
                let mut large = ctx.open_stream();
                let item = "x".repeat(LARGE);
                let scope = portal.open_context(echo).scope(async |ctx, ()| {
                    let mut small = ctx.open_stream();
                    large.send(item).await?;
                    let mut swallowed = Box::pin(large.try_next());
                    // Round trips of a small stream and of calls, until the large item is over.
                    let mut trips = 0;
                    let len = loop {
                        let trip = async {
                            small.send(trips).await?;
                            assert_eq!(small.try_next().await?, Some(trips));
                            portal.run(add(trips, 1)).await
                        };
                        tokio::select! {
                            biased;
                            len = &mut swallowed => break len?,
                            sum = trip => assert_eq!(sum?, trips + 1),
                        }
                        trips += 1;
                    };
                    assert_eq!(len, Some(LARGE));
                    assert!(trips >= 20, "only {trips} round trips beside {LARGE} bytes");
                    done()
                });
                scope.await
            });
            within("the large item", scopes).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn thousand_streams_share_a_link() -> Result<()> {
    const STREAMS: u64 = 1000;
    tractor::cluster! { modules: [self, tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let contexts = gather_contexts((0..STREAMS).map(|_| portal.open_context(echo)));
            let scope = contexts.scope(async |contexts| {
                let dialogs = (0..).zip(contexts).map(async |(stream_id, (ctx, ()))| {
                    let mut stream = ctx.open_stream();
                    for n in 0..20 {
                        let item = stream_id * 1000 + n;
                        stream.send(item).await?;
                        assert_eq!(stream.try_next().await?, Some(item));
                    }
                    stream.close().await?;
                    ctx.result().await
                });
                let (ended, sum) = join(join_all(dialogs), portal.run(add(1, 2))).await;
                assert_eq!(ended.len() as u64, STREAMS);
                ended.into_iter().collect::<Result<()>>()?;
                sum
            });
            assert_eq!(within("the streams", scope).await?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Numbers come in order, and go back in order.
#[tractor::context]
async fn in_order(ctx: Context<(), u64, u64>, count: u64) -> Result<u64> {
    let (mut send, mut receive) = ctx.started(()).await?.open_stream().split();
    let sending = spawn(async move {
        for n in 0..count {
            send.send(n).await?;
        }
        done()
    });
    let mut expected = 0;
    while let Some(item) = receive.try_next().await? {
        assert_eq!(item, expected);
        expected += 1;
    }
    sending.await.expect("it does not panic")?;
    Ok(expected)
}

#[tractor::test(name = fresh_name(), worker_threads = 4)]
async fn several_threads_reorder_nothing() -> Result<()> {
    const COUNT: u64 = 3000;
    tractor::cluster! {
        modules: [self, tests::workers], count: 1, worker_threads: 4, stream_window: 4096,
    }
    .scope(async |workers| {
        let portal = workers["worker_0"].dynamic();
        let dialogs = (0..32).map(|_| {
            let context = portal.open_context(in_order(COUNT));
            spawn(context.scope(async |ctx, ()| {
                let (mut send, receive) = ctx.open_stream().split();
                let sending = spawn(async move {
                    for n in 0..COUNT {
                        send.send(n).await?;
                    }
                    done()
                });
                let read: Vec<_> = receive.map(Result::ok).collect().await;
                assert!(read.into_iter().eq((0..COUNT).map(Some)));
                sending.await.expect("it does not panic")?;
                let count = ctx.result().await?;
                Result::<_, Error>::Ok(count)
            }))
        });
        for count in within("the dialogs", join_all(dialogs)).await {
            assert_eq!(count.expect("it does not panic")?, COUNT);
        }
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Counts what it gets, item after item.
#[tractor::context]
async fn numbered(ctx: Context<(), (), (u64, String)>) -> Result<u64> {
    let mut stream = ctx.started(()).await?.open_stream();
    let mut expected = 0;
    while let Some((n, _)) = stream.try_next().await? {
        assert_eq!(n, expected, "lost, twice or out of order");
        expected += 1;
        tokio::task::yield_now().await;
    }
    Ok(expected)
}

#[tractor::test(name = fresh_name())]
async fn sends_that_are_dropped_and_repeated_arrive_once() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1, stream_window: 1024 }
        .scope(async |workers| {
            let scope = workers["worker_0"]
                .open_context(numbered)
                .scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    let (mut n, mut dropped) = (0, 0);
                    while n < 300 || dropped < 20 {
                        let size = if n % 50 == 0 { 100_000 } else { 200 };
                        let item = (n, "x".repeat(size));
                        let mut send = Box::pin(stream.send(item.clone()));
                        let sent = futures_util::FutureExt::now_or_never(&mut send);
                        match sent {
                            Some(sent) => sent?,
                            None => {
                                // Dropped while it waits, it has sent nothing: the next one does.
                                dropped += 1;
                                drop(send);
                                stream.send(item).await?;
                            }
                        }
                        n += 1;
                    }
                    stream.close().await?;
                    assert_eq!(ctx.result().await?, n);
                    done()
                });
            within("the scope", scope).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

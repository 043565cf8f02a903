//! The streams of contexts: both directions, their ends, and what becomes of items that nobody reads.

use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt, TryStreamExt, future, stream};
use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, spawn, until, within};
use tokio::sync::Semaphore;
use tractor::{
    Context, ContextStream, Error, Overrun, Portal, Restart, Result, current_actor, modules,
};

/// What the functions of this actor have come to.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// What they wait for.
static GATE: Semaphore = Semaphore::const_new(0);

fn see(what: impl ToString) {
    SEEN.lock().expect("nobody panics").push(what.to_string());
}

#[tractor::rpc]
async fn seen() -> Vec<String> {
    SEEN.lock().expect("nobody panics").clone()
}

#[tractor::rpc]
async fn open_gate() {
    GATE.add_permits(1);
}

async fn gate() {
    GATE.acquire().await.expect("it is never closed").forget();
}

async fn saw(portal: &Portal, expected: &[&str]) {
    until("the function has come so far", async || {
        portal.run(seen).await.expect("it answers") == expected
    })
    .await;
}

/// What a worker of these tests is.
async fn with_worker(body: impl AsyncFnOnce(&Portal) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| body(&workers["worker_0"].dynamic()).await)
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Counts what it receives, and then sends as many.
#[tractor::context]
async fn count_then_send(ctx: Context<(), u64, u64>) -> Result<u64> {
    let mut stream = ctx.started(()).await?.open_stream();
    let mut count = 0;
    while stream.try_next().await?.is_some() {
        count += 1;
    }
    for n in 0..count {
        stream.send(n).await?;
    }
    Ok(count)
}

#[tractor::test(name = fresh_name())]
async fn opener_closes_and_goes_on_reading() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(count_then_send).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            for n in 0..100 {
                stream.send(n).await?;
            }
            stream.close().await?;
            let read: Vec<_> = (&mut stream).try_collect().await?;
            assert!(read.into_iter().eq(0..100));
            assert!(stream.next().await.is_none(), "an end stays one");
            ctx.result().await
        });
        assert_eq!(within("the scope", scope).await?, 100);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dropped_half_closes_its_direction() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(count_then_send).scope(async |ctx, ()| {
            let (mut send, receive) = ctx.open_stream().split();
            for n in 0..100 {
                send.send(n).await?;
            }
            drop(send);
            let read: Vec<_> = receive.try_collect().await?;
            assert!(read.into_iter().eq(0..100));
            ctx.result().await
        });
        assert_eq!(within("the scope", scope).await?, 100);
        done()
    })
    .await
}

/// Sends nothing, and counts what it receives behind that.
#[tractor::context]
async fn close_then_count(ctx: Context<(), u64, u64>) -> Result<u64> {
    let mut stream = ctx.started(()).await?.open_stream();
    stream.close().await?;
    // Twice is no mistake.
    stream.close().await?;
    let mut count = 0;
    while let Some(item) = stream.try_next().await? {
        assert_eq!(item, count);
        count += 1;
    }
    Ok(count)
}

#[tractor::test(name = fresh_name())]
async fn callee_closes_and_goes_on_reading() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal
            .open_context(close_then_count)
            .scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                assert_eq!(stream.try_next().await?, None);
                for n in 0..1000 {
                    stream.send(n).await?;
                }
                drop(stream);
                ctx.result().await
            });
        assert_eq!(within("the scope", scope).await?, 1000);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn nothing_is_sent_after_the_end() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal
            .open_context(close_then_count)
            .scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                stream.send(0).await?;
                stream.close().await?;
                let error = failure(stream.send(1).await);
                assert!(matches!(error, Error::StreamClosed(_)), "{error}");
                let error = failure(SinkExt::send(&mut stream, 1).await);
                assert!(matches!(error, Error::StreamClosed(_)), "{error}");
                assert_eq!(ctx.result().await?, 1);
                let error = failure(stream.send(1).await);
                assert!(matches!(error, Error::StreamClosed(_)), "{error}");
                done()
            });
        within("the scope", scope).await
    })
    .await
}

/// How a function ends that has sent some items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Ending {
    Fails,
    Panics,
    Dies,
}

/// Sends a hundred items, and ends when the gate opens.
#[tractor::context]
async fn send_then_end(ctx: Context<(), u64, ()>, ending: Ending) -> Result<(), String> {
    let ctx = ctx.started(()).await.expect("it can start");
    let mut stream = ctx.open_stream();
    for n in 0..100 {
        stream.send(n).await.expect("there is room");
    }
    see("sent");
    gate().await;
    match ending {
        Ending::Fails => Err("as it was told".into()),
        Ending::Panics => panic!("as it was told"),
        Ending::Dies => pending().await,
    }
}

#[tractor::test(name = fresh_name())]
async fn cut_is_read_behind_the_items() -> Result<()> {
    for ending in [Ending::Fails, Ending::Panics, Ending::Dies] {
        tractor::nursery()
            .restart(Restart::OneForOne)
            .scope(async |an| {
                let portal = &an.start_actor("sender", modules![self]).await?.dynamic();
                let scope = portal
                    .open_context(send_then_end(ending))
                    .scope(async |ctx, ()| {
                        let mut stream = ctx.open_stream();
                        // What was sent before this answer has arrived.
                        saw(portal, &["sent"]).await;
                        if ending == Ending::Dies {
                            signal(ctx.callee(), Signal::SIGKILL);
                        } else {
                            portal.run(open_gate).await?;
                        }
                        let error = failure(ctx.result().await);
                        let mut read = Vec::new();
                        let cut = loop {
                            match stream.next().await {
                                Some(Ok(item)) => read.push(item),
                                other => break other,
                            }
                        };
                        assert!(read.into_iter().eq(0..100), "{ending:?}");
                        let Some(Err(cut)) = cut else {
                            panic!("{ending:?}: it was cut, and read as an end");
                        };
                        assert_eq!(cut.to_string(), error.to_string());
                        assert_eq!(matches!(cut, Error::ActorDied(_)), ending == Ending::Dies);
                        assert!(stream.next().await.is_none(), "an error is the last");
                        let error = failure(stream.send(()).await);
                        assert_eq!(cut.to_string(), error.to_string());
                        done()
                    });
                within("the scope", scope).await?;
                an.cancel().await;
                done()
            })
            .await?;
    }
    assert_nobody_left().await;
    Ok(())
}

/// Sends back what it receives.
#[tractor::context]
async fn echo(ctx: Context<(), Vec<u8>, Vec<u8>>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    while let Some(item) = stream.try_next().await? {
        stream.send(item).await?;
    }
    Ok(())
}

fn items(count: u8) -> impl stream::Stream<Item = Result<Vec<u8>>> + Unpin {
    stream::iter((0..count).map(|n| Ok(vec![n])))
}

#[tractor::test(name = fresh_name())]
async fn combinators_of_streams_and_sinks_apply() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(echo).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            stream.send_all(&mut items(10)).await?;
            stream.feed(vec![10]).await?;
            SinkExt::flush(&mut stream).await?;
            let read: Vec<_> = (&mut stream)
                .take(11)
                .map_ok(|item| item[0])
                .try_collect()
                .await?;
            assert!(read.into_iter().eq(0..11));
            let (send, receive) = stream.split();
            // `forward` closes the sink behind the last item, so that the other end ends, too.
            let sum = receive.try_fold(0, |sum, item| future::ok(sum + u32::from(item[0])));
            let (sent, sum) = future::join(items(20).forward(send), sum).await;
            sent?;
            assert_eq!(sum?, (0..20).sum());
            ctx.result().await
        });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn futures_can_split_a_stream_as_well() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(echo).scope(async |ctx, ()| {
            let (mut send, receive) = StreamExt::split(ctx.open_stream());
            let sent = async {
                send.send_all(&mut items(200)).await?;
                SinkExt::<Vec<u8>>::close(&mut send).await
            };
            let (sent, read) = future::join(sent, receive.try_collect::<Vec<_>>()).await;
            sent?;
            assert!(read?.into_iter().flatten().eq(0..200));
            ctx.result().await
        });
        within("the scope", scope).await
    })
    .await
}

/// Reads only when the gate is open; gives what it has read.
#[tractor::context]
async fn read_late(ctx: Context<(), (), (u64, Vec<u8>)>) -> Result<Vec<u64>> {
    let mut stream = ctx.started(()).await?.open_stream();
    gate().await;
    let mut read = Vec::new();
    while let Some((n, _)) = stream.try_next().await? {
        read.push(n);
    }
    Ok(read)
}

const WINDOW: usize = 128 << 10;

#[tractor::test(name = fresh_name())]
async fn overrun_can_be_an_error() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(read_late).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream().overrun(Overrun::Error);
            let mut sent = 0;
            let overrun = loop {
                match stream.send((sent, vec![0; 1000])).await {
                    Ok(()) => sent += 1,
                    Err(Error::Overrun(overrun)) => break overrun,
                    Err(error) => return Err(error),
                }
                // What is no overrun yet finds its way.
                tokio::task::yield_now().await;
            };
            assert!(overrun.function().ends_with("read_late"), "{overrun}");
            assert_eq!(overrun.reader(), ctx.callee());
            let bytes = usize::try_from(sent).expect("it is small") * 1000;
            assert!((WINDOW - 5000..WINDOW + 5000).contains(&bytes), "{bytes}");
            portal.run(open_gate).await?;
            // It goes on when the other end has read.
            until("there is room again", async || {
                stream.send((sent, Vec::new())).await.is_ok()
            })
            .await;
            stream.close().await?;
            let read = ctx.result().await?;
            assert!(
                read.into_iter().eq(0..=sent),
                "nothing is lost of what was taken"
            );
            done()
        });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn large_item_within_the_window_is_no_overrun() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(read_late).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream().overrun(Overrun::Error);
            for (n, size) in [(0, 40 << 10), (1, 1), (2, 40 << 10), (3, 1)] {
                stream.send((n, vec![0; size])).await?;
            }
            let overrun = stream.send((4, vec![0; WINDOW])).await;
            overrun.expect("the last one may go beyond");
            let overrun = failure(stream.send((5, Vec::new())).await);
            assert!(matches!(overrun, Error::Overrun(_)), "{overrun}");
            portal.run(open_gate).await?;
            drop(stream);
            assert_eq!(ctx.result().await?, [0, 1, 2, 3, 4]);
            done()
        });
        within("the scope", scope).await
    })
    .await
}

/// Sends `count` items of `size` bytes to a reader that is late, and looks what has arrived.
async fn drop_oldest(portal: &Portal, count: u64, size: usize, pause: bool) -> Result<()> {
    let scope = portal.open_context(read_late).scope(async |ctx, ()| {
        let mut stream = ctx.open_stream().overrun(Overrun::DropOldest);
        for n in 0..count {
            stream.send((n, vec![0; size])).await?;
            if pause {
                // The answer comes behind what could be sent of it.
                portal.run(seen).await?;
            }
        }
        let dropped = stream.dropped();
        assert!(dropped > 0, "the window is much smaller");
        portal.run(open_gate).await?;
        stream.close().await?;
        let read = ctx.result().await?;
        assert!(read.is_sorted_by(|a, b| a < b), "out of order: {read:?}");
        assert_eq!(read.last(), Some(&(count - 1)), "the newest arrives");
        assert_eq!(
            read.len() as u64 + dropped,
            count,
            "each has arrived or was dropped"
        );
        done()
    });
    within("the scope", scope).await
}

#[tractor::test(name = fresh_name())]
async fn overrun_can_drop_the_oldest() -> Result<()> {
    with_worker(async |portal| {
        for pause in [false, true] {
            drop_oldest(portal, 2000, 1000, pause).await?;
            drop_oldest(portal, 20, 100 << 10, pause).await?;
            drop_oldest(portal, 12, 1 << 20, pause).await?;
        }
        done()
    })
    .await
}

type Bytes = ContextStream<Vec<u8>, Vec<u8>>;

/// Sends so many items of this size, or until that fails.
async fn send_on(stream: &mut Bytes, count: usize, size: usize) -> Result<()> {
    for _ in 0..count {
        stream.send(vec![0; size]).await?;
    }
    Ok(())
}

#[tractor::context]
async fn only_send(ctx: Context<(), Vec<u8>, Vec<u8>>, size: usize) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    let error = failure(send_on(&mut stream, usize::MAX, size).await);
    let Error::Deadlock(deadlock) = &error else {
        return Err(error);
    };
    let [here, there] = deadlock.actors();
    see(format!(
        "{} {} {}",
        here.name(),
        there.name(),
        deadlock.function()
    ));
    // Both are told, and can go on.
    while stream.try_next().await?.is_some() {}
    Ok(())
}

/// Both ends send items of these sizes, and nobody reads.
async fn deadlock(here: usize, there: usize) -> Result<()> {
    with_worker(async |portal| {
        let me = current_actor().aid().name().to_owned();
        let function = format!("{}::only_send", module_path!());
        let scope = portal
            .open_context(only_send(there))
            .scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                let error = failure(send_on(&mut stream, usize::MAX, here).await);
                let Error::Deadlock(deadlock) = &error else {
                    return Err(error);
                };
                assert_eq!(
                    deadlock.actors().map(tractor::Aid::name),
                    [&*me, "worker_0"]
                );
                assert_eq!(deadlock.function(), function);
                saw(portal, &[&format!("worker_0 {me} {function}")]).await;
                drop(stream);
                ctx.result().await
            });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dialog_deadlock_names_both() -> Result<()> {
    deadlock(1000, 1000).await
}

#[tractor::test(name = fresh_name())]
async fn deadlock_of_large_items_is_one() -> Result<()> {
    deadlock(1 << 20, 1 << 20).await?;
    deadlock(1000, 1 << 20).await?;
    deadlock(1 << 20, 1000).await
}

/// Reads one item for each it sends.
#[tractor::context]
async fn ping_pong(ctx: Context<(), Vec<u8>, Vec<u8>>, gated: bool) -> Result<u64> {
    let mut stream = ctx.started(()).await?.open_stream();
    if gated {
        gate().await;
        send_on(&mut stream, 500, 1000).await?;
    }
    let mut count = 0;
    while let Some(item) = stream.try_next().await? {
        count += 1;
        if !gated {
            stream.send(item).await?;
        } else if count % 50 == 0 {
            // A slow reader is no deadlock.
            tokio::task::yield_now().await;
        }
    }
    Ok(count)
}

#[tractor::test(name = fresh_name())]
async fn split_ends_are_no_deadlock() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal
            .open_context(ping_pong(false))
            .scope(async |ctx, ()| {
                let (mut send, receive) = ctx.open_stream().split();
                let sent = async {
                    for _ in 0..5000 {
                        send.send(vec![0; 1000]).await?;
                    }
                    send.close().await
                };
                let (sent, read) = future::join(sent, receive.count()).await;
                sent?;
                assert_eq!(read, 5000);
                ctx.result().await
            });
        assert_eq!(within("the scope", scope).await?, 5000);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dropped_send_is_no_deadlock_and_has_sent_nothing() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(ping_pong(true)).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            let mut sent = 0;
            // Until one waits for the reader, which does not read yet.
            while let Ok(result) =
                tokio::time::timeout(Duration::from_millis(50), stream.send(vec![0; 1000])).await
            {
                result?;
                sent += 1;
            }
            portal.run(open_gate).await?;
            // The other end is ahead of this one now, and waits alone.
            for _ in 0..500 {
                assert!(stream.try_next().await?.is_some());
            }
            stream.close().await?;
            assert_eq!(ctx.result().await?, sent);
            done()
        });
        within("the scope", scope).await
    })
    .await
}

/// Sends two items, then reads two, time and again.
#[tractor::context]
async fn exchange(ctx: Context<(), Vec<u8>, Vec<u8>>, rounds: usize, size: usize) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    exchange_here(&mut stream, rounds, size).await
}

async fn exchange_here(stream: &mut Bytes, rounds: usize, size: usize) -> Result<()> {
    for _ in 0..rounds {
        send_on(stream, 2, size).await?;
        for _ in 0..2 {
            assert_eq!(stream.try_next().await?.map(|item| item.len()), Some(size));
        }
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn items_that_pass_each_other_are_no_deadlock() -> Result<()> {
    with_worker(async |portal| {
        // The second item waits for credit that comes for the first without anybody reading.
        for size in [60 << 10, 300 << 10] {
            let scope = portal
                .open_context(exchange(50, size))
                .scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    exchange_here(&mut stream, 50, size).await?;
                    ctx.result().await
                });
            within("the scope", scope).await?;
        }
        done()
    })
    .await
}

/// Returns at once, while a task of it goes on sending.
#[tractor::context]
async fn leave_a_task(ctx: Context<(), Vec<u8>, Vec<u8>>, count: usize) -> Result<()> {
    let (mut send, _) = ctx.started(()).await?.open_stream().split();
    spawn(async move {
        for _ in 0..count {
            if send.send(vec![0; 1000]).await.is_err() {
                break;
            }
        }
        see("the task has ended");
        // Not dropped: that would end the stream.
        std::mem::forget(send);
    });
    // It is ahead of its reader by now.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn task_that_is_left_behind_holds_no_result_up() -> Result<()> {
    with_worker(async |portal| {
        for count in [200, 2000] {
            let scope = portal
                .open_context(leave_a_task(count))
                .scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    let read = (&mut stream).take_while(|item| future::ready(item.is_ok()));
                    let read = read.count().await;
                    assert!((100..=count).contains(&read), "{read} of {count}");
                    ctx.result().await
                });
            within("the scope", scope).await?;
        }
        until("both tasks have ended", async || {
            portal.run(seen).await.expect("it answers").len() == 2
        })
        .await;
        done()
    })
    .await
}

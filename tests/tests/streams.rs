//! The streams of contexts: both directions, their ends, and what applies to them.

use std::future::pending;

use futures_util::{SinkExt, StreamExt, TryStreamExt, future, stream};
use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, spawn, until, within};
use tests::stage::{gate, open_gate, saw, see, seen};
use tractor::{Context, Error, Portal, Restart, Result, modules};

/// What a worker of these tests is.
async fn with_worker(body: impl AsyncFnOnce(&Portal) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
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
                let portal = &an
                    .start_actor("sender", modules![self, tests::stage])
                    .await?
                    .dynamic();
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
            assert_eq!(sum?, (0..20).sum::<u32>());
            ctx.result().await
        });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn items_that_were_fed_go_before_what_follows() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(echo).scope(async |ctx, ()| {
            let (mut send, mut receive) = ctx.open_stream().split();
            send.feed(vec![0]).await?;
            send.feed(vec![1; 10_000]).await?;
            // The one that is sent needs no flush, and takes the others along.
            send.send(vec![2; 100_000]).await?;
            for n in 0..3 {
                let item = within("an item", receive.try_next()).await?;
                assert_eq!(item.map(|item| item[0]), Some(n));
            }
            for n in 3..6 {
                send.feed(vec![n]).await?;
            }
            // What was fed still arrives.
            drop(send);
            let rest: Vec<_> = within("the rest", receive.try_collect()).await?;
            assert_eq!(rest, [[3], [4], [5]]);
            ctx.result().await
        });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn items_that_were_fed_go_before_the_end() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(echo).scope(async |ctx, ()| {
            let (mut send, receive) = ctx.open_stream().split();
            for n in 0..3 {
                send.feed(vec![n]).await?;
            }
            send.close().await?;
            let refused = send.feed(vec![3]).await;
            assert!(
                matches!(refused, Err(Error::StreamClosed(_))),
                "{refused:?}"
            );
            let read: Vec<_> = within("the items", receive.try_collect()).await?;
            assert_eq!(read, [[0], [1], [2]]);
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

//! Subscribers of a stream: each has its own copy, in order, and holds nobody up.

use futures_util::future::{join, join_all};
use futures_util::{StreamExt, TryStreamExt};
use tests::actor::{assert_nobody_left, begin, done, fresh_name, spawn, within};
use tests::stage::{gate, open_gate};
use tractor::{Context, Error, Portal, Result, Subscription};

/// Sends as many numbers as it is told to, whenever it is; gives the number of all.
#[tractor::context]
async fn count(ctx: Context<(), u64, u64>) -> Result<u64> {
    let mut stream = ctx.started(()).await?.open_stream();
    let mut next = 0;
    while let Some(more) = stream.try_next().await? {
        for _ in 0..more {
            stream.send(next).await?;
            next += 1;
        }
    }
    Ok(next)
}

async fn with_worker(body: impl AsyncFnOnce(&Portal) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| body(&workers["worker_0"].dynamic()).await)
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Whether these are all numbers below `most`, in order.
async fn gets_all(subscription: Subscription<u64>, most: u64) -> Result<()> {
    let read: Vec<_> = subscription.try_collect().await?;
    assert_eq!(read.len() as u64, most);
    assert!(read.into_iter().eq(0..most));
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn every_subscriber_gets_its_own_copy() -> Result<()> {
    const ITEMS: u64 = 20_000;
    with_worker(async |portal| {
        let scope = portal.open_context(count).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            let in_tasks = [(); 4].map(|()| spawn(gets_all(stream.subscribe(), ITEMS)));
            let here = [(); 4].map(|()| gets_all(stream.subscribe(), ITEMS));
            // Sending goes on.
            stream.send(ITEMS).await?;
            stream.close().await?;
            let own = async {
                let read: Vec<_> = stream.try_collect().await?;
                assert!(read.into_iter().eq(0..ITEMS));
                done()
            };
            let (here, own) = join(join_all(here), own).await;
            here.into_iter().collect::<Result<()>>()?;
            own?;
            for task in in_tasks {
                task.await.expect("it does not panic")?;
            }
            ctx.result().await
        });
        assert_eq!(within("the scope", scope).await?, ITEMS);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn lagging_subscriber_is_told_how_many_it_missed() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(count).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            let mut slow = stream.subscribe();
            stream.send(1000).await?;
            for n in 0..1000 {
                assert_eq!(stream.try_next().await?, Some(n));
            }
            let Some(Err(Error::Lagged(lagged))) = slow.next().await else {
                panic!("it has missed some");
            };
            assert_eq!(lagged.missed(), 1000 - 256);
            for n in 744..1000 {
                assert_eq!(slow.next().await.transpose()?, Some(n));
            }
            // It has caught up, and is one of those that read.
            stream.send(10).await?;
            stream.close().await?;
            for n in 1000..1010 {
                assert_eq!(slow.next().await.transpose()?, Some(n));
            }
            assert!(slow.next().await.is_none());
            for n in 1000..1010 {
                assert_eq!(stream.try_next().await?, Some(n));
            }
            assert!(stream.next().await.is_none());
            ctx.result().await
        });
        assert_eq!(within("the scope", scope).await?, 1010);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dropped_subscriber_stops_nobody() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(count).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            for round in 0..50 {
                let mut kept = stream.subscribe();
                let mut others = [(); 3].map(|()| stream.subscribe());
                // One waits first, and is the one that the next item would wake.
                for other in others.iter_mut().take(round % 4) {
                    begin(&mut Box::pin(other.next())).await;
                }
                let mut waiting = Box::pin(kept.next());
                begin(&mut waiting).await;
                if round % 2 == 0 {
                    drop(others);
                    stream.send(1).await?;
                } else {
                    stream.send(1).await?;
                    drop(others);
                }
                let n = round as u64;
                assert_eq!(waiting.await.transpose()?, Some(n));
                assert_eq!(stream.try_next().await?, Some(n));
            }
            // A clone begins with the next item.
            let first = stream.subscribe();
            stream.send(1).await?;
            assert_eq!(stream.try_next().await?, Some(50));
            let clone = first.clone();
            stream.send(1).await?;
            stream.close().await?;
            assert_eq!(first.try_collect::<Vec<_>>().await?, [50, 51]);
            assert_eq!(clone.try_collect::<Vec<_>>().await?, [51]);
            assert_eq!(stream.try_collect::<Vec<_>>().await?, [51]);
            ctx.result().await
        });
        assert_eq!(within("the scope", scope).await?, 52);
        done()
    })
    .await
}

/// Sends two numbers, and fails when the gate opens.
#[tractor::context]
async fn fail_late(ctx: Context<(), u64, ()>) -> Result<(), String> {
    let ctx = ctx.started(()).await.expect("it can start");
    let mut stream = ctx.open_stream();
    for n in 0..2 {
        stream.send(n).await.expect("there is room");
    }
    gate().await;
    Err("as it was told".into())
}

#[tractor::test(name = fresh_name())]
async fn every_subscriber_reads_the_cut() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(fail_late).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream();
            let subscribers = [(); 3].map(|()| stream.subscribe());
            portal.run(open_gate).await?;
            assert!(matches!(ctx.result().await, Err(Error::Remote(_))));
            for subscriber in subscribers {
                let read: Vec<_> = subscriber.collect().await;
                assert!(
                    matches!(read[..], [Ok(0), Ok(1), Err(Error::Remote(_))]),
                    "{read:?}"
                );
            }
            let read: Vec<_> = stream.collect().await;
            assert!(
                matches!(read[..], [Ok(0), Ok(1), Err(Error::Remote(_))]),
                "{read:?}"
            );
            done()
        });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn stream_without_subscribers_is_thrown_away() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(count).scope(async |ctx, ()| {
            let (mut send, mut receive) = ctx.open_stream().split();
            let subscribers = [(); 3].map(|()| receive.subscribe());
            drop(receive);
            send.send(1).await?;
            for mut subscriber in subscribers {
                assert_eq!(subscriber.next().await.transpose()?, Some(0));
            }
            // Nobody reads any more, and the other end is not held up.
            send.send(100_000).await?;
            send.close().await?;
            ctx.result().await
        });
        assert_eq!(within("the scope", scope).await?, 100_001);
        done()
    })
    .await
}

//! Two ends of a stream that wait for each other: both are told. And what only looks like that.

use std::time::Duration;

use futures_util::{StreamExt, future};
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::stage::{gate, open_gate, saw, see};
use tractor::{Context, ContextStream, Error, Portal, Result, current_actor};

/// What a worker of these tests is.
async fn with_worker(body: impl AsyncFnOnce(&Portal) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| body(&workers["worker_0"].dynamic()).await)
        .await?;
    assert_nobody_left().await;
    Ok(())
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
                .open_context(exchange(20, size))
                .scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    exchange_here(&mut stream, 20, size).await?;
                    ctx.result().await
                });
            within("the scope", scope).await?;
        }
        done()
    })
    .await
}

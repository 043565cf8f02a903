//! Calls that contexts are in, or around.

use std::future::pending;

use futures_util::future::{join, join_all, try_join_all};
use tests::actor::{assert_nobody_left, done, fresh_name, spawn, until, within};
use tests::workers::add;
use tractor::{Context, Result, current_actor, modules};

use crate::leaf::double;
use crate::nursery::nursery;

/// Calls functions of a child of its own for each item, in a context around those calls.
#[tractor::context]
async fn call_for_each(ctx: Context<(), u64, u64>) -> Result<()> {
    nursery(async |an| {
        let child = an.start_actor("child", modules![tests::workers]).await?;
        let mut stream = ctx.started(()).await?.open_stream();
        while let Some(item) = stream.try_next().await? {
            stream.send(child.run(add(item, 1)).await?).await?;
        }
        an.cancel().await;
        done()
    })
    .await
}

/// A function that opens a context at a child of its own.
#[tractor::rpc]
async fn context_in_a_call(items: u64) -> Result<u64> {
    nursery(async |an| {
        let child = an.start_actor("child", modules![crate::leaf]).await?;
        let scope = child.open_context(double).scope(async |ctx, _| {
            let mut stream = ctx.open_stream();
            for n in 100..100 + items {
                stream.send(n).await?;
                assert_eq!(stream.try_next().await?, Some(2 * n));
            }
            stream.close().await?;
            ctx.result().await
        });
        let count = scope.await?;
        an.cancel().await;
        Ok(count)
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn small_limits_deadlock_no_calls_and_contexts() -> Result<()> {
    // One slot is the context's, the other one for all calls beside it.
    tractor::cluster! { modules: [self, tests::workers], count: 1, max_in_flight: 2 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let scope = portal.open_context(call_for_each).scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                for n in 0..20 {
                    stream.send(n).await?;
                    let calls = join_all((0..5).map(|m| portal.run(add(n, m))));
                    let (read, sums) = join(stream.try_next(), calls).await;
                    assert_eq!(read?, Some(n + 1));
                    assert!(sums.into_iter().all(|sum| sum.is_ok()));
                }
                stream.close().await?;
                ctx.result().await
            });
            within("the context", scope).await?;
            let calls = try_join_all([3, 4, 5].map(|n| portal.run(context_in_a_call(n))));
            assert_eq!(within("the calls", calls).await?, [3, 4, 5]);
            done()
        })
        .await?;
    // With a single slot, contexts and calls take turns.
    tractor::cluster! { modules: [crate::leaf, tests::workers], count: 1, max_in_flight: 1 }
        .scope(async |workers| {
            let portal = workers["worker_0"].dynamic();
            let contexts = (0..10).map(|_| {
                let portal = portal.clone();
                spawn(async move {
                    let scope = portal.open_context(double).scope(async |ctx, _| {
                        let mut stream = ctx.open_stream();
                        stream.send(4).await?;
                        assert_eq!(stream.try_next().await?, Some(8));
                        done()
                    });
                    scope.await?;
                    portal.run(add(1, 2)).await
                })
            });
            for sum in within("all of them", join_all(contexts)).await {
                assert_eq!(sum.expect("it does not panic")?, 3);
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Is cancelled with the call that it is in.
#[tractor::rpc]
async fn hold_a_context() -> Result<()> {
    nursery(async |an| {
        let leaf = an.start_actor("leaf", modules![crate::leaf]).await?;
        let scope = leaf.open_context(double).scope(async |_ctx, _| {
            pending::<()>().await;
            done()
        });
        scope.await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dropped_call_cancels_the_context_in_it() -> Result<()> {
    nursery(async |an| {
        let middle = an.start_actor("middle", modules![self]).await?;
        let call = middle.run(hold_a_context);
        let begun = until("the leaf has begun", async || {
            tests::process::of_root(current_actor().aid().path()).len() == 2
        });
        tokio::select! {
            result = call => panic!("it never ends: {result:?}"),
            () = begun => {}
        }
        until("the leaf is gone", async || {
            tests::process::of_root(current_actor().aid().path()).len() == 1
        })
        .await;
        an.cancel().await;
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

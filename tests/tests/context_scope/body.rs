//! The body of a scope: what it is told, also when its actor has died and is restarted.

use std::future::pending;

use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, within};
use tests::workers::add;
use tractor::{Context, ContextOutcome, Error, Restart, Result, current_actor, modules};

use crate::functions::{alive, endless, twice};

#[tractor::test(name = fresh_name())]
async fn second_stream_is_refused() -> Result<()> {
    tractor::cluster! { modules: [crate::functions, tests::stage], count: 1 }
        .scope(async |workers| {
            let context = workers["worker_0"].open_context(twice);
            let scope = context.scope(async |ctx, ()| {
                let mut first = ctx.open_stream();
                let mut second = ctx.open_stream();
                for error in [
                    failure(second.send(1).await),
                    failure(second.try_next().await),
                    failure(second.close().await),
                ] {
                    assert!(matches!(error, Error::Config(_)), "{error}");
                    let text = error.to_string();
                    assert!(
                        text.contains("twice") && text.contains("a context has one"),
                        "{text}"
                    );
                }
                assert!(second.next().await.is_none(), "the refusal is told once");
                // The first one does not notice.
                first.send(21).await?;
                assert_eq!(first.try_next().await?, Some(42));
                drop(first);
                let mut third = ctx.open_stream();
                assert!(matches!(failure(third.try_next().await), Error::Config(_)));
                ctx.result().await
            });
            assert_eq!(within("the scope", scope).await?, 1);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Fails, after it has sent an item.
#[tractor::context]
async fn fail_at_once(ctx: Context<(), u32, ()>, text: String) -> Result<(), String> {
    let ctx = ctx.started(()).await.expect("it can be started");
    ctx.open_stream().send(1).await.expect("it is read");
    Err(text)
}

#[tractor::test(name = fresh_name())]
async fn outcome_tells_without_raising() -> Result<()> {
    tractor::cluster! { modules: [self, crate::functions, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let own = portal.open_context(endless).scope(async |ctx, _| {
                ctx.cancel().await?;
                // Twice is no mistake.
                ctx.cancel().await?;
                let ContextOutcome::Cancelled(cancelled) = ctx.outcome().await else {
                    panic!("it was cancelled");
                };
                assert_eq!(cancelled.canceller(), current_actor().aid());
                done()
            });
            within("its own cancellation is absorbed", own).await?;
            assert_eq!(within("it is gone", portal.run(alive)).await?, 0);

            let failed = portal.open_context(fail_at_once("no".into()));
            let failed = failed.scope(async |ctx, ()| {
                let ContextOutcome::Failed(Error::Remote(error)) = ctx.outcome().await else {
                    panic!("it has failed");
                };
                assert_eq!(error.message(), "no");
                done()
            });
            within("a failure that is known is not raised", failed).await?;

            let returned = portal.open_context(twice).scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                stream.close().await?;
                let ContextOutcome::Returned(0) = ctx.outcome().await else {
                    panic!("it has returned");
                };
                done()
            });
            within("a result", returned).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn body_that_knows_the_failure_goes_on() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage, tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let context = portal.open_context(fail_at_once("no".into()));
            let scope = context.scope(async |ctx, ()| {
                let error = failure(ctx.result().await);
                assert!(error.to_string().contains("no"), "{error}");
                for n in 0..10 {
                    assert_eq!(portal.run(add(n, 1)).await?, n + 1);
                }
                Result::<_, Error>::Ok("went on")
            });
            assert_eq!(within("the scope", scope).await?, "went on");
            // One that does not ask is dropped, and has seen the item and the failure before.
            let context = portal.open_context(fail_at_once("no".into()));
            let mut read = Vec::new();
            let scope = context.scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                while let Some(item) = stream.next().await {
                    read.push(item.map_err(|error| error.to_string()));
                }
                pending::<()>().await;
                done()
            });
            let error = failure(within("the scope", scope).await);
            let Error::Remote(error) = error else {
                panic!("{error}");
            };
            assert_eq!(read, [Ok(1), Err(Error::from(error).to_string())]);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn restarted_actor_opens_the_next_context() -> Result<()> {
    tractor::nursery()
        .restart(Restart::OneForOne)
        .scope(async |an| {
            let portal = an
                .start_actor("phoenix", modules![crate::functions])
                .await?;
            let mut pids = Vec::new();
            for _ in 0..3 {
                let scope = portal.open_context(endless).scope(async |ctx, pid| {
                    pids.push(pid);
                    assert_eq!(ctx.callee().pid(), pid);
                    signal(ctx.callee(), Signal::SIGKILL);
                    let error = ctx.open_stream().next().await;
                    assert!(matches!(error, Some(Err(Error::ActorDied(_)))), "{error:?}");
                    done()
                });
                let error = failure(within("the context fails", scope).await);
                assert!(matches!(error, Error::ActorDied(_)), "{error}");
            }
            pids.dedup();
            assert_eq!(pids.len(), 3, "each is a new process");
            let scope = portal
                .open_context(endless)
                .scope(async |ctx, _| ctx.cancel().await);
            within("the fourth", scope).await?;
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

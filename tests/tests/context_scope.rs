//! The scope of a context: what it waits for, what it returns, and what it leaves (C2).

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, until, within};
use tests::stage::{gate, open_gate, saw, see, seen};
use tests::workers::add;
use tractor::{
    Context, ContextOutcome, Error, Portal, Restart, Result, current_actor, current_call, modules,
    shield,
};

/// The functions that have begun and are not gone.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

#[tractor::rpc]
async fn alive() -> usize {
    ALIVE.load(Ordering::SeqCst)
}

struct Alive;

impl Alive {
    fn begin() -> Self {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Sends what it receives, twice.
#[tractor::context]
async fn twice(ctx: Context<(), u64, u64>) -> Result<u64> {
    let _alive = Alive::begin();
    let mut stream = ctx.started(()).await?.open_stream();
    let mut count = 0;
    while let Some(item) = stream.try_next().await? {
        stream.send(2 * item).await?;
        count += 1;
    }
    Ok(count)
}

#[tractor::test(name = fresh_name())]
async fn second_stream_is_refused() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
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

/// Is shielded from its first poll on, until it is cancelled and the gate opens.
#[tractor::context]
async fn stubborn(ctx: Context<(), (), ()>, starts: bool) -> Result<()> {
    let call = current_call().expect("it answers a call");
    shield(async {
        see("begun");
        let mut stream = None;
        if starts {
            let stream = stream.insert(ctx.started(()).await?.open_stream());
            stream.send(()).await?;
        }
        call.cancelled().await;
        see("cancelled");
        gate().await;
        tokio::task::yield_now().await;
        see("clean");
        done()
    })
    .await?;
    pending().await
}

/// How a scope is left whose function is shielded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Fails,
    Cancels,
    Expires,
    ExpiresBefore,
}

async fn leave(portal: &Portal, leaving: Leaving) -> anyhow::Result<()> {
    let starts = leaving != Leaving::ExpiresBefore;
    let context = portal.open_context(stubborn(starts));
    let context = match leaving {
        Leaving::Fails | Leaving::Cancels => context,
        _ => context.timeout(Duration::from_millis(50)),
    };
    let ended = AtomicBool::new(false);
    let scope = async {
        let result = context
            .scope(async |ctx, ()| {
                assert_eq!(ctx.open_stream().try_next().await?, Some(()));
                match leaving {
                    Leaving::Fails => anyhow::bail!("it has had enough"),
                    Leaving::Cancels => Ok(ctx.cancel().await?),
                    _ => pending().await,
                }
            })
            .await;
        ended.store(true, Ordering::SeqCst);
        result
    };
    let release = async {
        saw(portal, &["begun", "cancelled"]).await;
        // Answers that came after the cancellation: what could end the scope has arrived.
        saw(portal, &["begun", "cancelled"]).await;
        assert!(
            !ended.load(Ordering::SeqCst),
            "{leaving:?}: it has left its function behind"
        );
        portal.run(open_gate).await
    };
    let (result, released) = within(
        &format!("{leaving:?}"),
        futures_util::future::join(scope, release),
    )
    .await;
    released?;
    assert_eq!(
        within("an answer", portal.run(seen)).await?,
        ["begun", "cancelled", "clean"]
    );
    result
}

#[tractor::test(name = fresh_name())]
async fn scope_outlives_its_function() -> Result<()> {
    for leaving in [
        Leaving::Fails,
        Leaving::Cancels,
        Leaving::Expires,
        Leaving::ExpiresBefore,
    ] {
        tractor::cluster! { modules: [self, tests::stage], count: 1 }
            .scope(async |workers| {
                let result = leave(&workers["worker_0"].dynamic(), leaving).await;
                match (leaving, result.map_err(anyhow::Error::downcast)) {
                    (Leaving::Cancels, Ok(())) => {}
                    (Leaving::Fails, Err(Err(error))) => {
                        assert_eq!(error.to_string(), "it has had enough");
                    }
                    (_, Err(Ok(Error::DeadlineExceeded(_)))) => {}
                    (_, other) => panic!("{leaving:?}: {other:?}"),
                }
                done()
            })
            .await?;
    }
    assert_nobody_left().await;
    Ok(())
}

/// Sends so many items, whether or not anybody reads them.
#[tractor::context]
async fn pour(ctx: Context<(), Vec<u8>, ()>, count: usize) -> Result<usize> {
    let mut stream = ctx.started(()).await?.open_stream();
    for _ in 0..count {
        stream.send(vec![7; 1000]).await?;
    }
    see(format!("poured {count}"));
    Ok(count)
}

#[tractor::test(name = fresh_name())]
async fn scope_that_is_left_drains_to_the_result() -> Result<()> {
    const COUNT: usize = 2000;
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let opened = portal.open_context(pour(COUNT)).scope(async |_, ()| done());
            within("nothing is opened", opened).await?;
            let opened = portal.open_context(pour(COUNT)).scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                for _ in 0..3 {
                    assert!(stream.try_next().await?.is_some());
                }
                done()
            });
            within("most is not read", opened).await?;
            // Asked for the result, what is not opened is not read either.
            let opened = portal
                .open_context(pour(COUNT))
                .scope(async |ctx, ()| ctx.result().await);
            assert_eq!(within("the result", opened).await?, COUNT);
            // Each has come to its end by the time its scope has.
            let poured = format!("poured {COUNT}");
            assert_eq!(
                within("an answer", portal.run(seen)).await?,
                vec![poured; 3]
            );
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

/// Goes on until it is cancelled.
#[tractor::context]
async fn endless(ctx: Context<u32, u32, u32>) -> Result<()> {
    let _alive = Alive::begin();
    let _ctx = ctx.started(std::process::id()).await?;
    pending::<()>().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn outcome_tells_without_raising() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
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
async fn deadline_cuts_the_stream_and_says_so() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let context = workers["worker_0"].open_context(endless);
            let mut read = None;
            let scope = context
                .timeout(Duration::from_millis(50))
                .scope(async |ctx, _| {
                    read = ctx.open_stream().next().await;
                    pending::<()>().await;
                    done()
                });
            let error = failure(within("the deadline", scope).await);
            assert!(matches!(error, Error::DeadlineExceeded(_)), "{error}");
            let Some(Err(Error::DeadlineExceeded(read))) = read else {
                panic!("{read:?}");
            };
            assert!(read.function().ends_with("endless"), "{read}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn deadline_travels_with_a_context() -> Result<()> {
    #[tractor::context]
    async fn left(ctx: Context<bool, (), ()>) -> Result<()> {
        let call = current_call().expect("it answers a call");
        ctx.started(call.deadline().is_some()).await?;
        Ok(())
    }

    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let context = || portal.open_context(left);
            let told = async |_, told: bool| Result::<_, Error>::Ok(told);
            assert!(!within("none", context().scope(told)).await?);
            let hour = Duration::from_secs(3600);
            assert!(within("an hour", context().timeout(hour).scope(told)).await?);
            let soon = std::time::Instant::now() + hour;
            assert!(within("an hour", context().deadline(soon).scope(told)).await?);
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
            let portal = an.start_actor("phoenix", modules![self]).await?;
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

/// Polls `future` no more than `most` times; `None` when it was not ready by then.
async fn poll_times<F: Future>(most: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut polls = 0;
    poll_fn(|cx| {
        if polls == most {
            return Poll::Ready(None);
        }
        polls += 1;
        let polled = Pin::as_mut(&mut future).poll(cx).map(Some);
        if polls == most && polled.is_pending() {
            return Poll::Ready(None);
        }
        polled
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn scope_is_dropped_at_any_await() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1, stream_window: 1024 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let mut most = 0;
            loop {
                let scope = portal.open_context(twice).scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    for n in 0..5 {
                        stream.send(n).await?;
                        assert_eq!(stream.try_next().await?, Some(2 * n));
                    }
                    stream.close().await?;
                    assert_eq!(stream.try_next().await?, None);
                    ctx.result().await
                });
                let ended = within("the polls", poll_times(most, scope)).await;
                until("the function is gone", async || {
                    portal.run(alive).await.expect("it answers") == 0
                })
                .await;
                if let Some(result) = ended {
                    assert_eq!(result?, 5);
                    break;
                }
                most += 1;
            }
            assert!(
                most > 5,
                "it has awaited the other process at least once an item: {most}"
            );
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Starts, after so many polls of an attempt; gives up if it was not ready by then.
#[tractor::context]
async fn start_in_polls(ctx: Context<(), (), ()>, most: usize) -> Result<bool> {
    match poll_times(most, ctx.started(())).await {
        Some(started) => started.map(|_| true),
        None => Ok(false),
    }
}

#[tractor::test(name = fresh_name())]
async fn dropped_start_has_sent_nothing() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let context = portal.open_context(start_in_polls(0));
            let scope = context.scope(async |_, ()| -> Result<()> { panic!("it has not started") });
            let error = failure(within("it returns", scope).await);
            let text = error.to_string();
            assert!(
                matches!(error, Error::Config(_)) && text.contains("before it has started"),
                "{text}"
            );
            let context = portal.open_context(start_in_polls(1));
            let scope = context.scope(async |ctx, ()| ctx.result().await);
            assert!(within("it returns", scope).await?);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

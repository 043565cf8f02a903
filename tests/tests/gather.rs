//! Several contexts in one scope: all of them or none, in order, and what one that fails means.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join;
use nix::sys::signal::Signal;
use tests::HOUR;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, until, within};
use tests::stage::{gate, open_gate};
use tokio::sync::Notify;
use tractor::{
    Cluster, Config, Context, Dynamic, Error, OpenContext, Portal, Result, current_call,
    gather_contexts, modules, shield,
};

/// Those that have begun and are not gone.
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

/// What a member of a gathering does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Part {
    /// Starts, sends its number, and goes on for ever.
    Stays,
    /// Starts, and returns.
    Returns,
    /// Never starts.
    Waits,
    /// Never starts, and is shielded when it is cancelled, until the gate opens.
    Lingers,
    /// Fails at once.
    FailsBefore,
    /// Starts, and fails at once.
    Fails,
    /// Starts, and fails when the gate opens.
    FailsLate,
}

#[tractor::context]
async fn member(
    ctx: Context<usize, usize, ()>,
    part: Part,
    number: usize,
) -> Result<usize, String> {
    let _alive = Alive::begin();
    match part {
        Part::Waits => pending().await,
        Part::FailsBefore => return Err(format!("{number} cannot")),
        Part::Lingers => {
            let call = current_call().expect("it answers a call");
            shield(async {
                call.cancelled().await;
                gate().await;
            })
            .await;
            pending::<()>().await;
        }
        Part::Stays | Part::Returns | Part::Fails | Part::FailsLate => {}
    }
    let ctx = ctx.started(number).await.expect("it can start");
    let mut stream = ctx.open_stream();
    stream.send(number).await.expect("there is room");
    match part {
        Part::Returns => Ok(number),
        Part::Fails => Err(format!("{number} has failed")),
        Part::FailsLate => {
            gate().await;
            Err(format!("{number} has failed"))
        }
        _ => pending().await,
    }
}

type Portals = Vec<Portal<Dynamic>>;

async fn with_workers(count: usize, body: impl AsyncFnOnce(Portals) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: count }
        .scope(async |workers: Cluster<_>| {
            body(workers.portals().map(Portal::dynamic).collect()).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// One member on each portal.
fn gathering(portals: &Portals, parts: &[Part]) -> Vec<OpenContext<member>> {
    let members = portals.iter().zip(parts).enumerate();
    members
        .map(|(number, (portal, part))| portal.open_context(member(*part, number)))
        .collect()
}

async fn assert_all_gone(portals: &Portals) -> Result<()> {
    for portal in portals {
        assert_eq!(within("an answer", portal.run(alive)).await?, 0);
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn members_come_in_order() -> Result<()> {
    with_workers(4, async |portals| {
        let contexts = gathering(&portals, &[Part::Returns; 4]);
        let scope = gather_contexts(contexts).scope(async |contexts| {
            let mut numbers = Vec::new();
            for (at, (ctx, number)) in contexts.into_iter().enumerate() {
                assert_eq!(*ctx.callee(), portals[at].aid());
                assert_eq!(number, at);
                assert_eq!(ctx.open_stream().try_next().await?, Some(at));
                numbers.push(ctx.result().await?);
            }
            Result::<_, Error>::Ok(numbers)
        });
        assert_eq!(within("the scope", scope).await?, [0, 1, 2, 3]);
        assert_all_gone(&portals).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn nothing_to_gather_is_an_error() -> Result<()> {
    let nothing = gather_contexts(Vec::<OpenContext<member>>::new());
    let scope = nothing.scope(async |_| -> Result<()> { panic!("there is nothing to run with") });
    assert!(matches!(failure(scope.await), Error::Config(_)));
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn one_that_cannot_start_cancels_the_others_before_the_scope_ends() -> Result<()> {
    with_workers(3, async |portals| {
        let ended = AtomicBool::new(false);
        let contexts = gathering(&portals, &[Part::Stays, Part::Lingers, Part::FailsBefore]);
        let scope = async {
            let scope = gather_contexts(contexts);
            let result = scope.scope(async |_| -> Result<()> { panic!("not all have started") });
            let error = failure(result.await);
            ended.store(true, Ordering::SeqCst);
            error
        };
        let release = async {
            // The first one is gone, so that the second is cancelled as well.
            until("the first one is gone", async || {
                let [first, lingering, ..] = &portals[..] else {
                    unreachable!("there are three")
                };
                let gone = first.run(alive).await.expect("it answers") == 0;
                gone && lingering.run(alive).await.expect("it answers") == 1
            })
            .await;
            assert!(!ended.load(Ordering::SeqCst), "one is left behind");
            portals[1].run(open_gate).await
        };
        let (error, released) = within("the scope", join(scope, release)).await;
        released?;
        assert!(error.to_string().contains("2 cannot"), "{error}");
        assert_all_gone(&portals).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn one_that_fails_while_others_start_cancels_them() -> Result<()> {
    with_workers(2, async |portals| {
        for parts in [[Part::Fails, Part::Waits], [Part::Waits, Part::Fails]] {
            let scope = gather_contexts(gathering(&portals, &parts));
            let scope = scope.scope(async |_| -> Result<()> { panic!("not all have started") });
            let error = failure(within("the scope", scope).await);
            assert!(error.to_string().contains("has failed"), "{error}");
            assert_all_gone(&portals).await?;
        }
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn one_that_returns_while_others_start_waits_for_them() -> Result<()> {
    with_workers(2, async |portals| {
        let parts = [Part::Returns, Part::Stays];
        let scope = gather_contexts(gathering(&portals, &parts)).scope(async |contexts| {
            let mut contexts = contexts.into_iter().map(|(ctx, _)| ctx);
            let (first, second) = contexts.next().zip(contexts.next()).expect("two");
            assert_eq!(first.open_stream().try_next().await?, Some(0));
            assert_eq!(first.result().await?, 0);
            second.cancel().await
        });
        within("the scope", scope).await?;
        assert_all_gone(&portals).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn one_that_fails_midway_cancels_all() -> Result<()> {
    with_workers(3, async |portals| {
        let parts = [Part::Stays, Part::FailsLate, Part::Stays];
        let scope = gather_contexts(gathering(&portals, &parts)).scope(async |contexts| {
            for (ctx, number) in &contexts {
                assert_eq!(ctx.open_stream().try_next().await?, Some(*number));
            }
            portals[1].run(open_gate).await?;
            pending::<()>().await;
            done()
        });
        let error = failure(within("the scope", scope).await);
        let Error::Remote(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.message(), "1 has failed");
        assert_eq!(*error.origin(), portals[1].aid());
        assert_all_gone(&portals).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn several_failures_are_told_together() -> Result<()> {
    with_workers(3, async |portals| {
        let parts = [Part::FailsLate, Part::Stays, Part::FailsLate];
        let scope = gather_contexts(gathering(&portals, &parts)).scope(async |contexts| {
            let [(first, _), (stays, _), (third, _)] = &contexts[..] else {
                unreachable!("there are three")
            };
            for at in [0, 2] {
                portals[at].run(open_gate).await?;
            }
            // The first failure does not end the body before both are here.
            shield(async {
                for ctx in [first, third] {
                    let mut stream = ctx.open_stream();
                    while let Some(Ok(_)) = stream.next().await {}
                }
            })
            .await;
            stays.cancel().await
        });
        let Error::Group(group) = failure(within("the scope", scope).await) else {
            panic!("two have failed");
        };
        let texts: Vec<_> = group.errors().iter().map(ToString::to_string).collect();
        let [first, third] = &texts[..] else {
            panic!("{texts:?}");
        };
        assert!(first.contains("0 has failed"), "{texts:?}");
        assert!(third.contains("2 has failed"), "{texts:?}");
        assert_all_gone(&portals).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn one_that_fails_during_the_drain_cancels_the_others() -> Result<()> {
    with_workers(3, async |portals| {
        let drains = Notify::new();
        let parts = [Part::Stays, Part::FailsLate, Part::Stays];
        let scope = gather_contexts(gathering(&portals, &parts)).scope(async |_| {
            drains.notify_one();
            done()
        });
        let release = async {
            drains.notified().await;
            portals[1].run(open_gate).await
        };
        let (result, released) = within("the scope", join(scope, release)).await;
        released?;
        let Error::Remote(error) = failure(result) else {
            panic!("one has failed");
        };
        assert_eq!(error.message(), "1 has failed");
        assert_all_gone(&portals).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn death_of_one_cancels_the_others() -> Result<()> {
    let config = Config::new().cancel_timeout(HOUR);
    let scope = tractor::nursery().config(config).scope(async |an| {
        let mut portals = Vec::new();
        for name in ["a", "b", "c"] {
            portals.push(an.start_actor(name, modules![self]).await?.dynamic());
        }
        let scope = gather_contexts(gathering(&portals, &[Part::Stays; 3]));
        let result = scope.scope(async |contexts| {
            signal(contexts[1].0.callee(), Signal::SIGKILL);
            pending::<()>().await;
            done()
        });
        result.await
    });
    let error = failure(within("the scopes", scope).await);
    let Error::ActorDied(died) = error else {
        panic!("{error}");
    };
    assert_eq!(died.aid().name(), "b");
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn cluster_opens_the_same_with_all() -> Result<()> {
    tractor::cluster! { modules: [self], count: 4 }
        .scope(async |workers| {
            let scope = workers
                .open_contexts(member(Part::Returns, 7))
                .scope(async |contexts| {
                    assert_eq!(contexts.len(), 4);
                    for (ctx, number) in contexts {
                        assert_eq!(number, 7);
                        assert_eq!(ctx.result().await?, 7);
                    }
                    done()
                });
            within("the scope", scope).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

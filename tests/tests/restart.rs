//! Restart strategies: strategy × restart type × cause, and what can go wrong meanwhile.

use std::future::pending;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, signal, spawn, until,
    within,
};
use tests::disk::TempDir;
use tests::fixture::{Ended, Fixture};
use tests::workers::{add, after, die, fail, nap, naps, pid, quit};
use tests::{PATIENCE, wait_until};
use tokio::runtime::Handle;
use tractor::{
    Error, Exposes, NurseryBuilder, Portal, Restart, RestartType, Result, Rung, modules,
};

const STRATEGIES: [Restart; 4] = [
    Restart::Never,
    Restart::OneForOne,
    Restart::OneForAll,
    Restart::RestForOne,
];
const TYPES: [RestartType; 3] = [
    RestartType::Permanent,
    RestartType::Transient,
    RestartType::Temporary,
];
const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(1);

/// Why an actor ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cause {
    Code(i32),
    Signal(Signal),
    /// `cancel_actor`.
    Cancelled,
}

const CAUSES: [Cause; 5] = [
    Cause::Code(0),
    Cause::Code(3),
    Cause::Signal(Signal::SIGKILL),
    Cause::Signal(Signal::SIGABRT),
    Cause::Cancelled,
];

/// What follows for the scope.
#[derive(Debug, PartialEq)]
enum Consequence {
    Fails,
    /// It stays away.
    Gone,
    Restarted,
}

fn expected(strategy: Restart, restart: RestartType, cause: Cause) -> Consequence {
    let crashed = !matches!(cause, Cause::Code(0) | Cause::Cancelled);
    match (strategy, restart) {
        _ if cause == Cause::Cancelled => Consequence::Gone,
        (Restart::Never, _) => Consequence::Fails,
        (_, RestartType::Permanent) => Consequence::Restarted,
        (_, RestartType::Transient) if crashed => Consequence::Restarted,
        _ => Consequence::Gone,
    }
}

/// Which of three are replaced when the middle one is.
fn replaced(strategy: Restart) -> [bool; 3] {
    match strategy {
        Restart::OneForOne => [false, true, false],
        Restart::OneForAll => [true; 3],
        Restart::RestForOne => [false, true, true],
        _ => [false; 3],
    }
}

fn nursery(strategy: Restart) -> NurseryBuilder {
    tractor::nursery()
        .restart(strategy)
        .restart_backoff(SOON..=SOON)
}

async fn end<A, I, J>(portal: &Portal<A>, cause: Cause)
where
    A: Exposes<die, I> + Exposes<quit, J>,
{
    match cause {
        Cause::Code(code) => drop(within("its end", portal.run(quit(code))).await),
        Cause::Signal(signal) => drop(within("its end", portal.run(die(signal as i32))).await),
        Cause::Cancelled => within("its end", portal.cancel_actor())
            .await
            .expect("it ends"),
    }
}

/// Three actors, of which the middle one ends.
async fn play(strategy: Restart, restart: RestartType, cause: Cause) {
    let case = format!("{strategy:?} {restart:?} {cause:?}");
    let scope = nursery(strategy).scope(async |an| {
        let a = an.start_actor("a", modules![tests::workers]).await?;
        let b = an.actor("b").modules(modules![tests::workers]);
        let b = b.restart_type(restart).start().await?;
        let c = an.start_actor("c", modules![tests::workers]).await?;
        let portals = [a, b, c];
        let mut before = Vec::new();
        for portal in &portals {
            before.push(within("a pid", portal.run(pid)).await?);
        }
        end(&portals[1], cause).await;
        let consequence = expected(strategy, restart, cause);
        match consequence {
            Consequence::Fails => pending().await,
            Consequence::Gone => {
                // Its portal fails once it is gone, and nobody else was touched.
                let refused = until("a refusal", async || {
                    within("an end", portals[1].run(pid)).await.is_err()
                });
                refused.await;
                assert_eq!(within("a pid", portals[0].run(pid)).await?, before[0]);
                assert_eq!(within("a pid", portals[2].run(pid)).await?, before[2]);
                assert_eq!(an.report().restarts(), 0, "{case}");
            }
            Consequence::Restarted => {
                let new_ones = replaced(strategy);
                for ((portal, &before), new) in portals.iter().zip(&before).zip(new_ones) {
                    // Of one that is about to be replaced, the old process may still answer.
                    until(&format!("{case}: answers"), async || {
                        let now = within("a pid", portal.run(pid)).await;
                        now.is_ok_and(|now| (now != before) == new)
                    })
                    .await;
                }
                for (portal, new) in portals.iter().zip(new_ones) {
                    let same = portal.run(pid).await? == portal.aid().pid();
                    assert!(same, "{case}: the portal knows its process (new: {new})");
                }
                let replaced = new_ones.iter().filter(|&&new| new).count();
                assert_eq!(an.report().restarts(), replaced, "{case}");
            }
        }
        an.cancel().await;
        Ok(consequence)
    });
    match within(&case, scope).await {
        Ok(consequence) => assert_ne!(consequence, Consequence::Fails, "{case}"),
        Err(error) => {
            assert_eq!(
                expected(strategy, restart, cause),
                Consequence::Fails,
                "{case}: {error}"
            );
            let Error::ActorDied(died) = &error else {
                panic!("{case}: {error}");
            };
            assert_eq!(died.aid().name(), "b", "{case}");
        }
    }
}

async fn play_all(strategy: Restart) {
    for restart in TYPES {
        for cause in CAUSES {
            play(strategy, restart, cause).await;
        }
    }
}

#[tractor::test(name = fresh_name())]
async fn never() {
    play_all(Restart::Never).await;
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn one_for_one() {
    play_all(Restart::OneForOne).await;
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn one_for_all() {
    play_all(Restart::OneForAll).await;
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn rest_for_one() {
    play_all(Restart::RestForOne).await;
    assert_nobody_left().await;
}

/// How the function of a one-shot ends, the first time.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
enum First {
    Returns,
    Fails,
    Panics,
    Dies,
}

const FIRSTS: [First; 4] = [First::Returns, First::Fails, First::Panics, First::Dies];

/// Ends one way the first time, and returns the number of the attempt ever after.
#[tractor::rpc]
async fn attempt(first: First, attempts: std::path::PathBuf) -> Result<usize, String> {
    let mut seen = std::fs::read(&attempts).unwrap_or_default();
    seen.push(b'.');
    std::fs::write(&attempts, &seen).map_err(|error| error.to_string())?;
    match first {
        First::Fails if seen.len() == 1 => Err("the first time".to_owned()),
        First::Panics if seen.len() == 1 => panic!("the first time"),
        First::Dies if seen.len() == 1 => std::process::abort(),
        _ => Ok(seen.len()),
    }
}

/// A one-shot beside a daemon.
async fn play_one_shot(strategy: Restart, restart: RestartType, first: First) {
    let case = format!("{strategy:?} {restart:?} {first:?}");
    let dir = TempDir::new();
    let path = dir.join("attempts");
    let attempts = || std::fs::read(&path).map_or(0, |seen| seen.len());
    let again = match (strategy, restart) {
        (Restart::Never, _) | (_, RestartType::Temporary) => false,
        (_, RestartType::Permanent) => true,
        _ => first != First::Returns,
    };
    let scope = nursery(strategy)
        .max_restarts(usize::MAX)
        .scope(async |an| {
            let daemon = an.start_actor("daemon", modules![tests::workers]).await?;
            let one_shot = an.actor("one_shot").restart_type(restart);
            let one_shot = one_shot.run(attempt(first, path.clone())).await?;
            let result = within("a result", one_shot.result()).await;
            match (first, again) {
                (First::Returns, _) => assert_eq!(result?, 1, "{case}"),
                (_, true) => assert_eq!(result?, 2, "{case}"),
                (First::Dies, false) => assert!(matches!(result, Err(Error::ActorDied(_)))),
                (_, false) => {
                    assert!(failure(result).to_string().contains("the first time"));
                    assert_eq!(an.report().failures().len(), 1, "{case}");
                }
            }
            if restart == RestartType::Permanent && again {
                until("it runs again and again", async || attempts() > 4).await;
            } else {
                assert!(attempts() <= 2, "{case}");
            }
            if strategy == Restart::Never && first != First::Returns {
                pending::<()>().await;
            }
            within("an answer", daemon.run(add(1, 2))).await?;
            an.cancel().await;
            done()
        });
    let ended = within(&case, scope).await;
    let fails = strategy == Restart::Never && first != First::Returns;
    assert_eq!(ended.is_err(), fails, "{case}: {ended:?}");
}

#[tractor::test(name = fresh_name())]
async fn one_shots() {
    for strategy in STRATEGIES {
        for restart in TYPES {
            for first in FIRSTS {
                play_one_shot(strategy, restart, first).await;
            }
        }
    }
    assert_nobody_left().await;
}

/// One failure more than is allowed, and the scope fails with it.
#[tractor::test(name = fresh_name())]
async fn exceeded_intensity_fails_the_scope_with_the_last_cause() {
    let mut report = None;
    let scope = nursery(Restart::OneForOne)
        .max_restarts(2)
        .restart_window(HOUR)
        .scope(async |an| {
            report = Some(an.report());
            let victim = an.start_actor("victim", modules![tests::workers]).await?;
            let sibling = an.start_actor("sibling", modules![tests::workers]).await?;
            // Not SIGQUIT, which a shell makes its jobs in the background ignore.
            for signal in [Signal::SIGABRT, Signal::SIGALRM, Signal::SIGKILL] {
                let died = failure(within("its end", victim.run(die(signal as i32))).await);
                assert!(matches!(died, Error::ActorDied(_)), "{died}");
            }
            within("nothing", sibling.run(nap)).await
        });
    let error = failure(within("the scope fails", scope).await);
    assert!(error.to_string().contains("SIGKILL"), "{error}");
    let report = report.expect("the body began");
    assert_eq!(report.restarts(), 2);
    assert_eq!(report.failures().len(), 3);
    assert_reaped(&report, 4);
    assert_nobody_left().await;
}

/// Starts that wait for their turn are cancelled with the scope, which is not why it fails.
#[test]
fn scope_returns_its_cause_and_not_a_start_that_it_has_cancelled() {
    let ended = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("queue")
        .run();
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(text.starts_with("Error: root.victim["), "{}", ended.text());
    assert!(text.contains("SIGKILL"), "{}", ended.text());
}

/// A body that was busy meanwhile finds its one-shot cancelled, because a sibling has died.
#[tractor::test(name = fresh_name(), worker_threads = 2)]
async fn scope_returns_its_cause_and_not_a_one_shot_that_it_has_cancelled() {
    let scope = tractor::nursery().scope(async |an| {
        let victim = an.start_actor("victim", modules![tests::workers]).await?;
        let one_shot = an.run_in_actor(nap).await?;
        signal(victim.aid(), Signal::SIGKILL);
        tokio::task::block_in_place(|| {
            wait_until("the death is known", PATIENCE, || {
                !an.report().failures().is_empty()
            });
            // On a thread of its own: here, the wait would swallow what wakes the scope.
            let handle = Handle::current();
            let end = || handle.block_on(within("its end", one_shot.cancel_actor()));
            thread::scope(|threads| threads.spawn(end).join()).expect("it does not panic")
        })?;
        one_shot.result().await
    });
    let error = failure(within("the scope fails", scope).await);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    assert_nobody_left().await;
}

/// Its portal fails, calls that wait for it as well, and the others go on.
#[tractor::test(name = fresh_name())]
async fn actor_is_cancelled_during_back_off() -> Result<()> {
    nursery(Restart::OneForOne)
        .restart_backoff(HOUR..=HOUR)
        .scope(async |an| -> Result<()> {
            let victim = an.start_actor("victim", modules![tests::workers]).await?;
            let sibling = an.start_actor("sibling", modules![tests::workers]).await?;
            let mut failed = pin!(victim.run(die(Signal::SIGKILL as i32)));
            failure(within("its end", &mut failed).await);
            until("it is to be restarted", async || {
                an.report().restarts() == 1
            })
            .await;
            let mut waiting = pin!(victim.run(pid));
            begin(&mut waiting).await;
            within("its end", victim.cancel_actor()).await?;
            let error = failure(within("an end", waiting).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            assert_eq!(within("an answer", sibling.run(add(1, 2))).await?, 3);
            within("its end", sibling.cancel_actor()).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn scope_is_cancelled_during_back_off() -> Result<()> {
    for hard in [false, true] {
        let report = nursery(Restart::OneForAll)
            .restart_backoff(HOUR..=HOUR)
            .scope(async |an| -> Result<_> {
                let portals = [
                    an.start_actor("a", modules![tests::workers]).await?,
                    an.start_actor("b", modules![tests::workers]).await?,
                ];
                // The first one sleeps in its back-off, the second waits for its turn after it.
                drop(within("its end", portals[0].run(quit(1))).await);
                until("both are reaped", async || an.report().exits().len() == 2).await;
                match hard {
                    true => an.cancel_hard().await,
                    false => an.cancel().await,
                }
                for portal in &portals {
                    let error = failure(within("an end", portal.run(pid)).await);
                    assert!(matches!(error, Error::Cancelled(_)), "{error}");
                }
                Ok(an.report())
            });
        let report = within("the scope ends", report).await?;
        assert_reaped(&report, 2);
    }
    assert_nobody_left().await;
    Ok(())
}

/// Nobody waits for an hour that the scope was dropped in.
#[tractor::test(name = fresh_name())]
async fn scope_is_dropped_during_back_off() {
    let mut scope = Box::pin(
        nursery(Restart::OneForOne)
            .restart_backoff(HOUR..=HOUR)
            .scope(async |an| {
                let victim = an.start_actor("victim", modules![tests::workers]).await?;
                drop(victim.run(quit(1)).await);
                until("it is to be restarted", async || {
                    an.report().restarts() == 1
                })
                .await;
                DROPPED_IN_BACK_OFF.notify_one();
                pending::<()>().await;
                done()
            }),
    );
    tokio::select! {
        _ = &mut scope => panic!("the body never ends"),
        () = within("the back-off", DROPPED_IN_BACK_OFF.notified()) => {}
    }
    drop(scope);
    assert_nobody_left().await;
}

static DROPPED_IN_BACK_OFF: tokio::sync::Notify = tokio::sync::Notify::const_new();

/// A supervisor whose own intensity is exceeded: its scope fails, and its function with it.
#[tractor::rpc]
async fn supervise(signal: i32) -> Result<()> {
    nursery(Restart::OneForOne)
        .max_restarts(1)
        .restart_window(HOUR)
        .scope(async |an| {
            let worker = an.start_actor("worker", modules![tests::workers]).await?;
            loop {
                drop(worker.run(die(signal)).await);
            }
        })
        .await
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn nested_supervisors_escalate() {
    let mut report = None;
    let scope = nursery(Restart::OneForOne)
        .max_restarts(1)
        .restart_window(HOUR)
        .scope(async |an| {
            report = Some(an.report());
            let supervisor = an.actor("supervisor");
            let supervisor = supervisor.run(supervise(Signal::SIGABRT as i32)).await?;
            within("its failure", supervisor.result()).await
        });
    let error = failure(within("the scope fails", scope).await);
    let Error::Remote(remote) = error else {
        panic!("{error}");
    };
    assert_eq!(remote.origin().name(), "supervisor");
    let original = remote.downcast::<Error>().expect("it is tractor's own");
    let Error::ActorDied(died) = original else {
        panic!("{original}");
    };
    assert_eq!(died.aid().name(), "worker");
    assert_eq!(died.exit().status().signal(), Some(6));
    let report = report.expect("the body began");
    assert_eq!(report.restarts(), 1);
    assert_reaped(&report, 2);
    assert_nobody_left().await;
}

/// Ordered strategies end in reverse, each when the one before is reaped.
#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn those_who_depend_on_each_other_end_in_reverse_order() -> Result<()> {
    for strategy in [Restart::OneForAll, Restart::RestForOne] {
        let scope = nursery(strategy).scope(async |an| -> Result<_> {
            for name in ["a", "b", "c", "d"] {
                an.start_actor(name, modules![tests::workers]).await?;
            }
            an.cancel().await;
            Ok(an.report())
        });
        let exits = within("the scope ends", scope).await?.exits();
        let names: Vec<_> = exits.iter().map(|exit| exit.aid().name()).collect();
        assert_eq!(names, ["d", "c", "b", "a"]);
        assert!(exits.iter().all(|exit| exit.rung() == Rung::Cancel));
    }
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn calls_in_flight_fail_unless_they_may_be_retried() -> Result<()> {
    let scope = nursery(Restart::OneForOne).scope(async |an| {
        let portal = an.start_actor("victim", modules![tests::workers]).await?;
        let before = portal.aid();
        let lost = spawn(portal.run(nap));
        let retried = spawn(portal.run(after(1, 7)).retry(1));
        let mut again = pin!(portal.run(nap).retry(1));
        begin(&mut again).await;
        until("they are in flight", async || {
            portal.run(naps).await.is_ok_and(|(begun, _)| begun == 2)
        })
        .await;
        signal(&before, Signal::SIGKILL);
        // Sent again, and never answered, by the new process.
        until("the nap begins again", async || {
            begin(&mut again).await;
            portal.run(naps).await.is_ok_and(|seen| seen == (1, 0))
        })
        .await;
        assert_ne!(portal.aid(), before);
        let lost = failure(within("an end", lost).await.expect("no panic"));
        assert!(matches!(lost, Error::ActorDied(ref died) if *died.aid() == before));
        assert_eq!(within("an end", retried).await.expect("no panic")?, 7);
        // The second death is one too many for it.
        signal(portal.aid(), Signal::SIGKILL);
        let error = failure(within("an end", &mut again).await);
        assert!(matches!(error, Error::ActorDied(_)), "{error}");
        an.cancel().await;
        done()
    });
    within("the scope ends", scope).await?;
    assert_nobody_left().await;
    Ok(())
}

/// Only death is answered by another try.
#[tractor::test(name = fresh_name())]
async fn failure_of_the_function_is_not_retried() -> Result<()> {
    let dir = TempDir::new();
    let path = dir.join("attempts");
    let scope = nursery(Restart::OneForOne).scope(async |an| {
        let portal = an
            .start_actor("worker", modules![self, tests::workers])
            .await?;
        let call = portal.run(attempt(First::Fails, path.clone())).retry(5);
        let error = failure(within("an answer", call).await);
        assert!(error.to_string().contains("the first time"), "{error}");
        let error = failure(portal.run(fail("no".to_owned())).retry(5).await);
        assert!(matches!(error, Error::Remote(_)), "{error}");
        an.cancel().await;
        done()
    });
    within("the scope ends", scope).await?;
    assert_eq!(std::fs::read(&path).expect("it was written").len(), 1);
    assert_nobody_left().await;
    Ok(())
}

/// Its settings are those of the first time.
#[tractor::test(name = fresh_name())]
async fn restarted_actor_is_the_same() -> Result<()> {
    let scope = nursery(Restart::OneForOne).scope(async |an| {
        let builder = an.actor("odd").modules(modules![self, tests::workers]);
        let portal = builder.env("ODD", "5").start().await?;
        assert_eq!(within("an answer", portal.run(variable)).await?, "5");
        drop(within("its end", portal.run(quit(9))).await);
        assert_eq!(within("an answer", portal.run(variable)).await?, "5");
        assert_eq!(portal.aid().name(), "odd");
        an.cancel().await;
        done()
    });
    within("the scope ends", scope).await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::rpc]
async fn variable() -> String {
    std::env::var("ODD").unwrap_or_default()
}

fn flaky(max_restarts: u32) -> Ended {
    let dir = TempDir::new();
    let fixture = Fixture::new(env!("CARGO_BIN_EXE_scopes")).arg("flaky");
    let fixture = fixture.arg(max_restarts.to_string());
    fixture.current_dir(dir.path()).run()
}

/// A process that dies before it has answered the handshake is a failure like others.
#[test]
fn crash_during_restart_is_answered_by_another_restart() {
    let ended = flaky(3);
    ended.assert_code(0);
    assert_eq!(ended.line("restarts "), "3", "{}", ended.text());
}

#[test]
fn crashes_during_restart_exceed_the_intensity() {
    let ended = flaky(2);
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(text.contains("worker"), "{}", ended.text());
    assert!(text.contains("SIGABRT"), "{}", ended.text());
    assert!(ended.stdout.is_empty(), "{}", ended.text());
}

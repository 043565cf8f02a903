//! Who is started again: strategy × restart type × cause.

use std::future::pending;

use nix::sys::signal::Signal;
use tests::HOUR;
use tests::actor::{assert_nobody_left, done, fresh_name, until, within};
use tests::workers::{die, pid, quit};
use tractor::{Error, Exposes, Portal, Restart, RestartType, Result, Rung, modules};

use crate::nursery::{TYPES, nursery};

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

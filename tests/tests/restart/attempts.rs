//! Attempts of one function: a one-shot is restarted, a call is retried.

use std::future::pending;
use std::pin::pin;

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, begin, done, failure, fresh_name, signal, spawn, until, within,
};
use tests::disk::TempDir;
use tests::workers::{add, after, fail, nap, naps};
use tractor::{Error, Restart, RestartType, Result, modules};

use crate::nursery::{TYPES, nursery};

const STRATEGIES: [Restart; 4] = [
    Restart::Never,
    Restart::OneForOne,
    Restart::OneForAll,
    Restart::RestForOne,
];

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

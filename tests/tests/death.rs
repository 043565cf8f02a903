//! A worker that dies: whoever waits for it learns at once (C1).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use tests::HOUR;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, spawn, until, within};
use tests::workers::{self, add, naps};
use tractor::{Cluster, Error, Rung};

const CALLS: usize = 100;

fn is_killed(error: &Error) -> bool {
    let Error::ActorDied(died) = error else {
        return false;
    };
    let exit = died.exit();
    exit.status().signal() == Some(9) && exit.rung() == Rung::Unasked && died.aid() == exit.aid()
}

async fn kill_when_all_nap<A: tractor::Exposes<naps, I>, I>(workers: &Cluster<A>) {
    let victim = workers["worker_0"].clone();
    until("all calls are in flight", async || {
        let counted = victim.run(naps).await;
        counted.is_ok_and(|(begun, _)| begun == CALLS)
    })
    .await;
    signal(victim.aid(), Signal::SIGKILL);
}

#[tractor::test(name = fresh_name())]
async fn killed_worker_fails_every_call_in_flight() {
    let scope = tractor::cluster! {
        modules: [tests::workers], count: 2, cancel_timeout: HOUR, kill_timeout: HOUR,
    }
    .scope(async |workers| {
        let victim = &workers["worker_0"];
        let calls = join_all((0..CALLS).map(|_| victim.run(workers::nap).timeout(HOUR)));
        let (results, ()) = tokio::join!(calls, kill_when_all_nap(&workers));
        assert_eq!(results.len(), CALLS);
        for result in results {
            let error = failure(result);
            assert!(is_killed(&error), "{error}");
            assert!(error.to_string().contains("SIGKILL"), "{error}");
        }
        Ok(())
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(is_killed(&error), "{error}");
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn killed_worker_fails_calls_of_other_tasks() {
    let mut tasks = Vec::new();
    let scope = tractor::cluster! {
        modules: [tests::workers], count: 2, cancel_timeout: HOUR, kill_timeout: HOUR,
    }
    .scope(async |workers| {
        let victim = &workers["worker_0"];
        tasks.extend((0..CALLS).map(|_| spawn(victim.run(workers::nap).timeout(HOUR))));
        kill_when_all_nap(&workers).await;
        std::future::pending::<()>().await;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(is_killed(&error), "{error}");
    for result in within("every task ends", join_all(tasks)).await {
        let error = failure(result.expect("the task does not panic"));
        assert!(is_killed(&error), "{error}");
    }
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn killed_worker_cancels_body_and_siblings() {
    let dropped = Arc::new(AtomicBool::new(false));
    let guard = Guard(dropped.clone());
    let mut report = None;
    let scope = tractor::cluster! {
        modules: [tests::workers], count: 3, cancel_timeout: HOUR, kill_timeout: HOUR,
    }
    .scope(async |workers| {
        let _guard = guard;
        report = Some(workers.report());
        signal(workers["worker_1"].aid(), Signal::SIGKILL);
        std::future::pending::<()>().await;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(is_killed(&error), "{error}");
    assert!(dropped.load(Ordering::SeqCst), "the body was dropped");
    let exits = report.expect("the body ran").exits();
    let rungs: Vec<_> = exits.iter().map(tractor::Exit::rung).collect();
    assert_eq!(rungs, [Rung::Unasked, Rung::Cancel, Rung::Cancel]);
    assert_eq!(exits[0].aid().name(), "worker_1");
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn worker_that_exits_is_a_failure() {
    let scope = tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| workers["worker_0"].run(workers::quit(7)).await);
    let error = failure(within("the scope ends", scope).await);
    let Error::ActorDied(died) = &error else {
        panic!("{error}");
    };
    assert_eq!(died.exit().status().code(), Some(7));
    assert!(error.to_string().ends_with("exited with code 7"), "{error}");
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn two_deaths_are_told_together() {
    let scope = tractor::cluster! { modules: [tests::workers], count: 2 }.scope(async |workers| {
        for portal in workers.portals() {
            signal(portal.aid(), Signal::SIGKILL);
        }
        std::future::pending::<()>().await;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    let Error::Group(group) = &error else {
        panic!("{error}");
    };
    assert_eq!(group.errors().len(), 2, "{group}");
    for error in group.errors() {
        // The second one may have been asked to end before its death was seen.
        assert!(error.to_string().ends_with("killed by SIGKILL"), "{error}");
    }
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn error_of_the_body_wins() {
    let scope = tractor::cluster! { modules: [tests::workers], count: 2 }.scope(async |workers| {
        let victim = &workers["worker_0"];
        let died = victim.run(workers::die(9)).await;
        died.map_err(|error| anyhow::Error::new(error).context("the body knows more"))
    });
    let error = within("the scope ends", scope).await.expect_err("it fails");
    assert_eq!(error.to_string(), "the body knows more");
    assert!(error.downcast_ref::<Error>().is_some_and(is_killed));
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn portal_of_a_dead_worker_fails_at_once() {
    let mut portal = None;
    let scope = tractor::cluster! { modules: [tests::workers], count: 1, cancel_timeout: HOUR }
        .scope(async |workers| {
            portal = Some(workers["worker_0"].clone());
            portal
                .as_ref()
                .expect("just set")
                .run(workers::die(9))
                .await
        });
    assert!(is_killed(&failure(within("the scope ends", scope).await)));
    let portal = portal.expect("the body ran");
    let error = failure(within("the call fails", portal.run(add(1, 2))).await);
    assert!(is_killed(&error), "{error}");
    assert_nobody_left().await;
}

struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

//! Escalation: which failures are those of the scope, which returns their cause.

use std::thread;

use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, assert_reaped, failure, fresh_name, signal, within};
use tests::disk::TempDir;
use tests::fixture::{Ended, Fixture};
use tests::workers::{die, nap};
use tests::{HOUR, PATIENCE, wait_until};
use tokio::runtime::Handle;
use tractor::{Error, Restart, Result, modules};

use crate::nursery::nursery;

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

//! The ladder: ask, signal, kill; and the record of each exit (S1).

use std::time::Duration;

use tests::HOUR;
use tests::actor::{assert_nobody_left, assert_reaped, begin, done, fresh_name, until, within};
use tests::workers::{add, block, ignore_sigterm, nap, spin};
use tractor::{Config, ExitReport, ExitStatus, Rung};

/// Acknowledges the cancel request, and then does not follow it.
#[tractor::rpc]
async fn refuse_to_end() {
    struct Stubborn;

    impl Drop for Stubborn {
        fn drop(&mut self) {
            loop {
                std::thread::park();
            }
        }
    }

    let _stubborn = Stubborn;
    std::future::pending::<()>().await;
}

/// Of a rung that is known not to help.
const SHORT: Duration = Duration::from_millis(100);
/// Of a rung that helps, also on a busy machine.
const LONG: Duration = Duration::from_secs(2);

fn timeouts(cancel: Duration, kill: Duration) -> Config {
    Config::new().cancel_timeout(cancel).kill_timeout(kill)
}

/// The one exit of a cluster of one worker that ran `call` until the body ended.
macro_rules! exit_of {
    ($config:expr, $call:expr, hard_kill: $hard_kill:expr $(, after: $first:expr)?) => {{
        let mut report = ExitReport::default();
        let scope = tractor::cluster! {
            modules: [self, tests::workers], count: 1, hard_kill: $hard_kill,
        }
        .config($config)
        .scope(async |workers| {
            report = workers.report();
            let portal = &workers["worker_0"];
            $(within("an answer", portal.run($first)).await?;)?
            // The link is read in order: who answers the second call has begun the first one,
            // or is blocked in it.
            let mut call = std::pin::pin!(portal.run($call));
            begin(&mut call).await;
            let next = tokio::time::timeout(SHORT, portal.run(add(1, 2)));
            assert!(matches!(next.await, Err(_) | Ok(Ok(3))));
            done()
        });
        within("the scope ends", scope)
            .await
            .expect("asked for, hence no failure");
        assert_reaped(&report, 1);
        assert_nobody_left().await;
        report.exits().remove(0)
    }};
}

#[tractor::test(name = fresh_name())]
async fn idle_worker_ends_when_asked() {
    let exit = exit_of!(timeouts(HOUR, HOUR), nap, hard_kill: false);
    assert_eq!(exit.rung(), Rung::Cancel);
    assert_eq!(exit.status(), ExitStatus::Code(0));
    assert_eq!(exit.aid().name(), "worker_0");
    assert!(!exit.elapsed().is_zero());
}

#[tractor::test(name = fresh_name())]
async fn blocking_function_does_not_hold_up_the_end() {
    let exit = exit_of!(timeouts(HOUR, HOUR), block, hard_kill: false);
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Cancel, ExitStatus::Code(0))
    );
}

#[tractor::test(name = fresh_name())]
async fn blocked_worker_is_terminated() {
    let exit = exit_of!(timeouts(SHORT, LONG), spin, hard_kill: false);
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Terminate, ExitStatus::Signal(15))
    );
    assert!(
        exit.elapsed() >= SHORT,
        "the time to acknowledge was its own"
    );
}

#[tractor::test(name = fresh_name())]
async fn worker_that_does_not_follow_is_terminated() {
    let exit = exit_of!(timeouts(LONG, LONG), refuse_to_end, hard_kill: false);
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Terminate, ExitStatus::Signal(15))
    );
}

#[tractor::test(name = fresh_name())]
async fn worker_deaf_to_sigterm_is_killed() {
    let exit = exit_of!(
        timeouts(SHORT, SHORT),
        spin,
        hard_kill: false,
        after: ignore_sigterm
    );
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Kill, ExitStatus::Signal(9))
    );
    assert!(exit.elapsed() >= 2 * SHORT, "each rung had its time");
}

#[tractor::test(name = fresh_name())]
async fn hard_kill_skips_the_graceful_rungs() {
    let exit = exit_of!(timeouts(HOUR, HOUR), spin, hard_kill: true);
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Kill, ExitStatus::Signal(9))
    );
}

#[tractor::test(name = fresh_name())]
async fn cancel_hard_kills_at_once() {
    let mut report = ExitReport::default();
    let scope = tractor::cluster! {
        modules: [tests::workers], count: 2, cancel_timeout: HOUR, kill_timeout: HOUR,
    }
    .scope(async |workers| {
        report = workers.report();
        let mut spins = std::pin::pin!(workers.run_all(spin));
        begin(&mut spins).await;
        workers.cancel_hard().await;
        until("both are reaped", async || report.exits().len() == 2).await;
        let results = within("the calls fail", spins).await;
        assert!(
            results
                .values()
                .all(|result| { matches!(result, Err(tractor::Error::Cancelled(_))) })
        );
        done()
    });
    within("the scope ends", scope)
        .await
        .expect("asked for, hence no failure");
    assert_reaped(&report, 2);
    assert!(report.exits().iter().all(|exit| exit.rung() == Rung::Kill));
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn cancelled_actor_climbs_its_own_ladder() {
    let mut report = ExitReport::default();
    let scope = tractor::cluster! { modules: [tests::workers], count: 2 }
        .config(timeouts(LONG, LONG))
        .scope(async |workers| {
            report = workers.report();
            let (stuck, fine) = (&workers["worker_0"], &workers["worker_1"]);
            let mut call = std::pin::pin!(stuck.run(spin));
            begin(&mut call).await;
            within("it is reaped", stuck.cancel_actor()).await?;
            assert_eq!(report.exits().len(), 1);
            assert_eq!(report.exits()[0].aid(), &stuck.aid());
            assert_eq!(within("an answer", fine.run(add(1, 2))).await?, 3);
            done()
        });
    within("the scope ends", scope)
        .await
        .expect("asked for, hence no failure");
    let rungs: Vec<_> = report.exits().iter().map(tractor::Exit::rung).collect();
    // SIGTERM may end it in the middle of the loop, and nothing else can.
    assert_eq!(rungs, [Rung::Terminate, Rung::Cancel]);
    assert_nobody_left().await;
}

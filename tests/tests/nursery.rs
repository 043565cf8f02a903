//! Nurseries: actors of any kind in one scope, how one cancels all, and that all are reaped (S1),
//! also of a nursery that is dropped (S3).

use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, signal, spawn, until,
    within,
};
use tests::fixture::Fixture;
use tests::process::Process;
use tests::workers::{add, after, fail, nap, naps, pid, spin};
use tests::{PATIENCE, wait_until};
use tokio::sync::Notify;
use tractor::{Aid, Config, Error, ExitReport, Nursery, Portal, Restart, Result, Rung, modules};

const HOUR: Duration = Duration::from_secs(3600);

/// Nothing ends because a time is over.
fn patient() -> Config {
    Config::new().cancel_timeout(HOUR).kill_timeout(HOUR)
}

/// A module of its own.
mod theatre {
    #[tractor::rpc]
    pub(super) async fn question() -> String {
        "have you ever seen a portal?".to_owned()
    }
}

/// Tells when it is dropped.
struct Tells(Arc<Notify>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tractor::rpc]
async fn variable(key: String) -> Option<String> {
    std::env::var(key).ok()
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn daemons_and_one_shots_share_a_scope() -> Result<()> {
    let mut report = ExitReport::default();
    tractor::nursery()
        .scope(async |an| {
            report = an.report();
            let frank = an.start_actor("frank", modules![theatre]).await?;
            // Names need not be unique.
            let other = an.start_actor("frank", modules![tests::workers]).await?;
            assert_ne!(frank.aid(), other.aid());
            assert_eq!(frank.aid().path(), other.aid().path());
            let sum = an.run_in_actor(add(1, 2)).await?;
            assert_eq!(sum.aid().name(), "add");
            let question = within("an answer", frank.run(theatre::question)).await?;
            assert_eq!(question, "have you ever seen a portal?");
            let odd = an.actor("odd").modules(modules![self]).env("ODD", "5");
            let odd = odd.start().await?;
            let value = within("an answer", odd.run(variable("ODD".to_owned()))).await?;
            assert_eq!(value.as_deref(), Some("5"));
            assert_eq!(within("a result", sum.result()).await?, 3);
            for portal in [frank.dynamic(), other.dynamic(), odd.dynamic()] {
                within("its end", portal.cancel_actor()).await?;
                within("nothing", portal.cancel_actor()).await?;
            }
            done()
        })
        .await?;
    assert_reaped(&report, 4);
    assert!(
        report
            .exits()
            .iter()
            .all(|exit| exit.rung() == Rung::Cancel)
    );
    assert!(report.failures().is_empty());
    assert_nobody_left().await;
    Ok(())
}

/// The portal of a one-shot serves other calls of its module while it lives.
#[tractor::test(name = fresh_name())]
async fn one_shot_has_a_portal() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let one_shot = an.run_in_actor(nap).await?;
            until("it naps", async || {
                let seen = within("an answer", one_shot.portal().run(naps)).await;
                seen.is_ok_and(|seen| seen == (1, 0))
            })
            .await;
            within("its end", one_shot.cancel_actor()).await?;
            let error = failure(within("an end", one_shot.result()).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn clean_end_waits_for_one_shots() -> Result<()> {
    let mut report = ExitReport::default();
    tractor::nursery()
        .scope(async |an| {
            report = an.report();
            for value in 0..3 {
                // Given up, and waited for all the same.
                drop(an.run_in_actor(after(50, value)).await?);
            }
            done()
        })
        .await?;
    assert_reaped(&report, 3);
    // They have ended by themselves: nobody has cancelled their calls.
    assert!(report.failures().is_empty());
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn settings_of_one_actor_are_its_own() -> Result<()> {
    let mut report = ExitReport::default();
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        report = an.report();
        let hard = an.actor("hard").modules(modules![tests::workers]);
        hard.hard_kill().start().await?;
        let blocked = an.actor("blocked").modules(modules![tests::workers]);
        let blocked = blocked.cancel_timeout(Duration::from_millis(1));
        let blocked = blocked.start().await?;
        an.start_actor("plain", modules![tests::workers]).await?;
        let mut call = pin!(blocked.run(spin));
        begin(&mut call).await;
        an.cancel().await;
        drop(call.await);
        done()
    });
    within("the scope ends", scope).await?;
    let mut rungs: Vec<_> = report
        .exits()
        .iter()
        .map(|exit| (exit.aid().name().to_owned(), exit.rung()))
        .collect();
    rungs.sort_unstable();
    let expected = [
        ("blocked", Rung::Terminate),
        ("hard", Rung::Kill),
        ("plain", Rung::Cancel),
    ];
    assert_eq!(rungs, expected.map(|(name, rung)| (name.to_owned(), rung)));
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn hard_cancel_asks_nobody() -> Result<()> {
    let mut report = ExitReport::default();
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        report = an.report();
        let blocked = an.start_actor("blocked", modules![tests::workers]).await?;
        let mut call = pin!(blocked.run(spin));
        begin(&mut call).await;
        an.start_actor("idle", modules![tests::workers]).await?;
        // Not followed by the blocked one, and then overtaken.
        an.cancel().await;
        until("the idle one is reaped", async || report.exits().len() == 1).await;
        an.cancel_hard().await;
        let error = failure(within("an end", call).await);
        assert!(matches!(error, Error::Cancelled(_)), "{error}");
        done()
    });
    within("the scope ends", scope).await?;
    let rungs: Vec<_> = report.exits().iter().map(tractor::Exit::rung).collect();
    assert_eq!(rungs, [Rung::Cancel, Rung::Kill]);
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn cancelled_scope_starts_nobody() -> Result<()> {
    let nursery = tractor::nursery()
        .scope(async |an| -> Result<Nursery> {
            an.cancel().await;
            let error = failure(an.start_actor("late", modules![tests::workers]).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            let error = failure(an.run_in_actor(pid).await.map(drop));
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            an.cancel().await;
            Ok(an)
        })
        .await?;
    let error = failure(nursery.start_actor("late", modules![tests::workers]).await);
    assert!(matches!(error, Error::Config(_)), "{error}");
    assert!(error.to_string().contains("the scope has ended"), "{error}");
    nursery.cancel().await;
    assert!(nursery.report().exits().is_empty());
    assert_nobody_left().await;
    Ok(())
}

/// An actor that is slow to end, one that is quick, and what is seen of the body.
struct Siblings {
    body_dropped: Arc<Notify>,
    report: Mutex<ExitReport>,
    slow: Mutex<Option<Aid>>,
}

impl Siblings {
    fn new() -> Self {
        Self {
            body_dropped: Arc::default(),
            report: Mutex::default(),
            slow: Mutex::default(),
        }
    }

    /// Starts both, each with a call in flight.
    async fn start(&self, an: &Nursery) -> Result<()> {
        *self.report.lock().expect("not poisoned") = an.report();
        let slow = an.start_actor("slow", modules![tests::workers]).await?;
        let quick = an.start_actor("quick", modules![tests::workers]).await?;
        *self.slow.lock().expect("not poisoned") = Some(slow.aid());
        let mut blocked = Box::pin(slow.run(spin));
        begin(&mut blocked).await;
        let mut napping = Box::pin(quick.run(nap));
        begin(&mut napping).await;
        within("an answer", quick.run(pid)).await?;
        spawn(async move { tokio::join!(blocked, napping) });
        Ok(())
    }

    /// Once the body is gone and these are reaped, the slow one is still alive; only then does it
    /// end.
    async fn watch(&self, reaped: &[&str]) {
        within("the body is dropped", self.body_dropped.notified()).await;
        let report = self.report.lock().expect("not poisoned").clone();
        until("the others are reaped", async || {
            report.exits().len() == reaped.len()
        })
        .await;
        let mut names: Vec<_> = report
            .exits()
            .iter()
            .map(|exit| exit.aid().name().to_owned())
            .collect();
        names.sort_unstable();
        assert_eq!(names, reaped);
        let slow = self.slow.lock().expect("not poisoned").clone();
        let slow = slow.expect("it was started");
        let process = Process::find(slow.pid()).expect("nobody has reaped it");
        assert!(!process.is_zombie(), "{process}");
        // An orderly end.
        signal(slow, Signal::SIGTERM);
    }
}

/// By events: nothing in here ends because a time is over.
#[tractor::test(name = fresh_name())]
async fn death_reaches_siblings_without_waiting_for_slow_ones() {
    let siblings = Siblings::new();
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        let _tells = Tells(siblings.body_dropped.clone());
        let victim = an.start_actor("victim", modules![tests::workers]).await?;
        siblings.start(&an).await?;
        signal(victim.aid(), Signal::SIGKILL);
        pending::<()>().await;
        done()
    });
    let watch = siblings.watch(&["quick", "victim"]);
    let (ended, ()) = within("the scope ends", async { tokio::join!(scope, watch) }).await;
    let error = failure(ended);
    assert!(
        matches!(error, Error::ActorDied(ref died) if died.aid().name() == "victim"),
        "{error}"
    );
    assert_nobody_left().await;
}

/// A body that computes for long, without an await, holds up nobody.
#[tractor::test(name = fresh_name(), worker_threads = 2)]
async fn death_reaches_siblings_without_waiting_for_the_body() {
    let mut went_on = false;
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        let victim = an.start_actor("victim", modules![tests::workers]).await?;
        an.start_actor("sibling", modules![tests::workers]).await?;
        signal(victim.aid(), Signal::SIGKILL);
        wait_until("the sibling is reaped", PATIENCE, || {
            an.report().exits().len() == 2
        });
        pending::<()>().await;
        went_on = true;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    assert!(!went_on);
    assert_nobody_left().await;
}

static HANGER_ON: Mutex<Option<Portal>> = Mutex::new(None);

/// Fails; its actor is slow to end, because of a child that is.
#[tractor::rpc]
async fn fail_and_linger() -> Result<(), String> {
    let ready = Arc::new(Notify::new());
    let told = ready.clone();
    spawn(tractor::nursery().scope(async move |an: Nursery| {
        let child = an.start_actor("child", modules![tests::workers]).await?;
        *HANGER_ON.lock().expect("not poisoned") = Some(child.dynamic());
        let mut blocked = pin!(child.run(spin));
        begin(&mut blocked).await;
        told.notify_one();
        blocked.await
    }));
    ready.notified().await;
    let child = HANGER_ON
        .lock()
        .expect("not poisoned")
        .as_ref()
        .map(Portal::aid);
    Err(child.expect("it is ready").pid().to_string())
}

/// The one-shot's own process is slow to end as well.
#[tractor::test(name = fresh_name())]
async fn failure_reaches_siblings_before_its_actor_has_ended() {
    let siblings = Siblings::new();
    let failing = Mutex::new(None);
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        let _tells = Tells(siblings.body_dropped.clone());
        siblings.start(&an).await?;
        let one_shot = an.run_in_actor(fail_and_linger).await?;
        *failing.lock().expect("not poisoned") = Some(one_shot.aid());
        pending::<()>().await;
        done()
    });
    let watch = async {
        siblings.watch(&["quick"]).await;
        let failing = failing.lock().expect("not poisoned").clone();
        let failing = failing.expect("it was started");
        until("the slow sibling is reaped", async || {
            siblings.report.lock().expect("not poisoned").exits().len() == 2
        })
        .await;
        let process = Process::find(failing.pid()).expect("nobody has reaped it");
        assert!(!process.is_zombie(), "{process}");
        let mut below = tests::process::all();
        below.retain(|process| process.parent == failing.pid());
        assert_eq!(below.len(), 1, "{below:?}");
        let child = nix::unistd::Pid::from_raw(below[0].pid.try_into().expect("a pid fits"));
        nix::sys::signal::kill(child, Signal::SIGTERM).expect("it is not reaped yet");
    };
    let (ended, ()) = within("the scope ends", async { tokio::join!(scope, watch) }).await;
    let error = failure(ended);
    let Error::Remote(remote) = &error else {
        panic!("{error}");
    };
    assert_eq!(remote.origin().name(), "fail_and_linger");
    assert_nobody_left().await;
}

/// Crashes when it is cancelled.
#[tractor::rpc]
async fn crash_at_the_end() {
    struct Crashes;

    impl Drop for Crashes {
        fn drop(&mut self) {
            std::process::abort();
        }
    }

    let _crashes = Crashes;
    BEGUN.notify_one();
    pending::<()>().await;
}

static BEGUN: Notify = Notify::const_new();

#[tractor::rpc]
async fn begun() {
    BEGUN.notified().await;
}

/// Starts an actor that crashes when it is cancelled.
async fn start_crashing(an: &Nursery) -> Result<Portal> {
    let portal = an.start_actor("crashing", modules![self]).await?;
    let mut call = Box::pin(portal.run(crash_at_the_end));
    begin(&mut call).await;
    within("it begins", portal.run(begun)).await?;
    spawn(call);
    Ok(portal.dynamic())
}

#[tractor::test(name = fresh_name())]
async fn failure_in_the_teardown_is_not_lost() {
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        start_crashing(&an).await?;
        let one_shot = an.run_in_actor(fail("the first".to_owned())).await?;
        drop(one_shot);
        pending::<()>().await;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    let Error::Group(group) = &error else {
        panic!("{error}");
    };
    let [Error::Remote(first), Error::ActorDied(second)] = group.errors() else {
        panic!("{error}");
    };
    assert_eq!(first.message(), "the first");
    assert_eq!(second.exit().status().signal(), Some(6), "{second}");
    assert_eq!(second.exit().rung(), Rung::Cancel, "{second}");
    assert_nobody_left().await;
}

/// A cancellation that was asked for by the body is no excuse for a crash.
#[tractor::test(name = fresh_name())]
async fn crash_of_a_cancelled_actor_fails_the_scope() {
    for strategy in [Restart::Never, Restart::OneForOne] {
        let nursery = tractor::nursery().config(patient()).restart(strategy);
        let mut report = ExitReport::default();
        let scope = nursery.scope(async |an| {
            report = an.report();
            let portal = start_crashing(&an).await?;
            within("its end", portal.cancel_actor()).await?;
            done()
        });
        let ended = within("the scope ends", scope).await;
        // Where failures are tolerated, the report has it.
        assert_eq!(ended.is_err(), strategy == Restart::Never, "{ended:?}");
        let failures = report.failures();
        assert!(
            matches!(failures[..], [Error::ActorDied(_)]),
            "{failures:?}"
        );
    }
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn error_of_the_body_says_more_than_that_of_a_child() {
    #[derive(Debug)]
    enum Story {
        Tractor,
        Own(String),
    }

    impl From<Error> for Story {
        fn from(_: Error) -> Self {
            Self::Tractor
        }
    }

    let mut report = ExitReport::default();
    let scope = tractor::nursery().scope(async |an| {
        report = an.report();
        let one_shot = an.run_in_actor(fail("no".to_owned())).await?;
        let error = failure(within("a result", one_shot.result()).await);
        Err::<(), _>(Story::Own(format!("the child says: {error}")))
    });
    let Err(Story::Own(text)) = within("the scope ends", scope).await else {
        panic!("the body had an error of its own");
    };
    assert!(text.ends_with(": no"), "{text}");
    assert_eq!(report.failures().len(), 1);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn panic_of_the_body_goes_on_after_the_teardown() {
    let report = Arc::new(Mutex::new(ExitReport::default()));
    let told = report.clone();
    let scope = spawn(tractor::nursery().scope(async move |an: Nursery| {
        *told.lock().expect("not poisoned") = an.report();
        an.start_actor("idle", modules![tests::workers]).await?;
        if an.spawner().pid() > 0 {
            panic!("the body gives up");
        }
        done()
    }));
    let panic = within("the scope ends", scope)
        .await
        .expect_err("it panics");
    let message = panic.into_panic().downcast::<&str>().expect("a text");
    assert_eq!(*message, "the body gives up");
    assert_reaped(&report.lock().expect("not poisoned"), 1);
    assert_nobody_left().await;
}

/// Opens a scope below, and naps in it.
#[tractor::rpc]
async fn nap_above(levels: u32) -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let below = an
                .start_actor("below", modules![self, tests::workers])
                .await?;
            match levels {
                0 => below.run(nap).await,
                _ => below.run(nap_above(levels - 1)).await,
            }
        })
        .await
}

/// A handler that is cancelled takes the children along that it has started; its actor goes on.
#[tractor::test(name = fresh_name())]
async fn cancelled_handler_takes_its_children_along() -> Result<()> {
    let root = tractor::current_actor().aid().path().to_owned();
    let alive = || {
        let mut alive = tests::process::of_root(&root);
        alive.retain(|process| !process.is_zombie() && !process.command.is_empty());
        alive
    };
    tractor::nursery()
        .scope(async |an| {
            let top = an
                .start_actor("top", modules![self, tests::workers])
                .await?;
            {
                let mut call = pin!(top.run(nap_above(2)));
                begin(&mut call).await;
                until("all levels are up", async || alive().len() == 4).await;
            }
            until("only the top is left", async || alive().len() == 1).await;
            assert_eq!(within("an answer", top.run(add(1, 2))).await?, 3);
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Dropping the body of the outer scope drops the inner one, whose children are torn down in the
/// background.
#[tractor::test(name = fresh_name())]
async fn failing_scope_takes_the_scopes_in_its_body_along() {
    let mut inner_report = ExitReport::default();
    let mut inner_returned = false;
    let scope = tractor::nursery().config(patient()).scope(async |outer| {
        let victim = outer
            .start_actor("victim", modules![tests::workers])
            .await?;
        tractor::nursery()
            .config(patient())
            .scope(async |inner| {
                inner_report = inner.report();
                inner.start_actor("inner", modules![tests::workers]).await?;
                signal(victim.aid(), Signal::SIGKILL);
                pending::<()>().await;
                done()
            })
            .await?;
        inner_returned = true;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    assert!(!inner_returned);
    until("the inner one is reaped", async || {
        inner_report.exits().len() == 1
    })
    .await;
    assert!(inner_report.failures().is_empty());
    assert_nobody_left().await;
}

/// An inner scope that is cancelled in a body that is cancelled, both from inside.
#[tractor::test(name = fresh_name())]
async fn cancelled_scope_inside_a_cancelled_scope_ends_first() -> Result<()> {
    let mut order = Vec::new();
    let scope = tractor::nursery().scope(async |outer| {
        let above = outer.start_actor("above", modules![tests::workers]).await?;
        tractor::nursery()
            .scope(async |inner| {
                let below = inner.start_actor("below", modules![tests::workers]).await?;
                outer.cancel().await;
                // The outer one still waits for its body.
                assert_eq!(within("an answer", below.run(add(1, 2))).await?, 3);
                inner.cancel().await;
                done()
            })
            .await?;
        order.push("inner");
        let error = failure(within("a refusal", above.run(pid)).await);
        assert!(matches!(error, Error::Cancelled(_)), "{error}");
        done()
    });
    within("the scope ends", scope).await?;
    order.push("outer");
    assert_eq!(order, ["inner", "outer"]);
    assert_nobody_left().await;
    Ok(())
}

/// A `select!` around a whole nursery.
#[tractor::test(name = fresh_name())]
async fn dropped_nursery_is_torn_down_in_the_background() {
    let (up, dropped) = (Notify::new(), Arc::new(Notify::new()));
    let report = Mutex::new(ExitReport::default());
    tokio::select! {
        _ = tractor::nursery().scope(async |an| {
            let _tells = Tells(dropped.clone());
            *report.lock().expect("not poisoned") = an.report();
            an.start_actor("daemon", modules![tests::workers]).await?;
            drop(an.run_in_actor(nap).await?);
            up.notify_one();
            pending::<()>().await;
            done()
        }) => panic!("the body never ends"),
        () = within("they are up", up.notified()) => {}
    }
    within("the body is dropped", dropped.notified()).await;
    let report = report.lock().expect("not poisoned").clone();
    until("both are reaped", async || report.exits().len() == 2).await;
    assert_reaped(&report, 2);
    assert_nobody_left().await;
}

/// The root does not exit before the teardown is finished.
#[test]
fn root_waits_for_a_dropped_nursery() {
    let ended = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("select")
        .run();
    ended.assert_code(0);
}

#[test]
fn daemon_that_keeps_a_scope_waiting_is_named() {
    let running = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("linger")
        .env("TRACTOR_LOG", "warn")
        .start();
    running.line("up");
    wait_until("it is named", PATIENCE, || running.has_logged("root.frank"));
    assert!(running.has_logged("a scope waits for actors"));
    assert!(!running.has_logged("root.pid"));
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}

//! Siblings of an actor that dies or fails: they learn at once, whoever is slow to end.

use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, begin, done, failure, fresh_name, patient, signal, spawn, until, within,
};
use tests::process::Process;
use tests::workers::{nap, pid, spin};
use tests::{PATIENCE, wait_until};
use tokio::sync::Notify;
use tractor::{Aid, Error, ExitReport, Nursery, Portal, Result, modules};

use crate::tells::Tells;

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

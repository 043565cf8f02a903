//! What a test that is a root itself needs.

use std::borrow::Borrow;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tractor::{Aid, Config, Error, ExitReport};

use crate::{GLANCE, HOUR, PATIENCE, leftovers, process};

/// A name for the root of a test, which no other test on this machine has now.
///
/// Use it as `#[tractor::test(name = fresh_name())]`: by it the test's processes are found.
pub fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("test-{}-{next}", std::process::id())
}

/// Settings by which no actor ends because a time is over.
pub fn patient() -> Config {
    Config::new().cancel_timeout(HOUR).kill_timeout(HOUR)
}

/// Polls a call once, which sends it; it must not be over by that.
pub async fn begin(call: &mut (impl Future + Unpin)) {
    let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut *call).poll(cx))).await;
    assert!(polled.is_pending(), "no answer can be there yet");
}

/// Runs a future beside the test, in a task of its own.
#[expect(clippy::disallowed_methods, reason = "tests await the handle")]
pub fn spawn<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::spawn(future)
}

/// Sends a signal to an actor's process.
pub fn signal(aid: impl Borrow<Aid>, signal: Signal) {
    let pid = Pid::from_raw(aid.borrow().pid().try_into().expect("a pid fits"));
    kill(pid, signal).expect("the actor is not reaped yet");
}

/// Awaits what depends on another process. What hangs is shown before it is dropped.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    if let Ok(value) = tokio::time::timeout(PATIENCE, &mut future).await {
        return value;
    }
    let seen = match tractor::snapshot().await {
        Ok(seen) => seen.to_string(),
        Err(error) => error.to_string(),
    };
    let processes = process::tree();
    panic!("not within {PATIENCE:?}: {what}\n{seen}\n{processes}")
}

/// Waits until `condition` holds.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !within(what, condition()).await {
        assert!(
            began.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}\n{}",
            process::tree()
        );
        tokio::time::sleep(GLANCE).await;
    }
}

/// Asserts that no actor below this one is alive, nor one of its children a zombie, and that there is
/// no file of theirs.
///
/// Other tests may share this process, and have children that ended this very moment: therefore a
/// little patience for zombies, but none for the living.
pub async fn assert_nobody_left() {
    let root = tractor::current_actor();
    let left = || process::of_root(root.aid().path());
    let mut alive = left();
    alive.retain(|process| !process.is_zombie());
    assert!(alive.is_empty(), "left:\n{}", process::list(&alive));
    until("every child is reaped", async || left().is_empty()).await;
    let files = leftovers::of_root(root.aid().path(), root.aid().pid());
    assert!(files.is_empty(), "files are left: {files:?}");
}

/// Waits until no actor below this one is alive, where some may end a moment after their scope; and asserts
/// all the rest of [`assert_nobody_left`].
pub async fn until_nobody_is_left() {
    let root = tractor::current_actor();
    until("all of them are gone", async || {
        // In this order: who was being started is seen by then.
        !process::is_starting_one() && process::of_root(root.aid().path()).is_empty()
    })
    .await;
    assert_nobody_left().await;
}

/// Asserts how many children of a scope were reaped, and that their processes are gone.
pub fn assert_reaped(report: &ExitReport, count: usize) {
    let exits = report.exits();
    assert_eq!(exits.len(), count, "{exits:?}");
    for exit in exits {
        let process = process::Process::find(exit.aid().pid());
        let ours = process.filter(|process| process.parent == std::process::id());
        assert!(ours.is_none(), "{exit} but is there: {ours:?}");
    }
}

/// What a body returns that has nothing to return; its error type is known.
#[expect(clippy::missing_errors_doc, reason = "there is none")]
pub fn done() -> tractor::Result<()> {
    Ok(())
}

/// The error of a scope or a call that was to fail.
pub fn failure<T>(result: tractor::Result<T>) -> Error {
    match result {
        Ok(_) => panic!("it was to fail"),
        Err(error) => error,
    }
}

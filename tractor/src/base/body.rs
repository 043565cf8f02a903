//! The bodies of scopes that the running code is part of.

use std::cell::RefCell;
use std::future::pending;

use tokio::sync::watch;

use super::{Aid, Error, Result};

thread_local! {
    /// Whether the scopes fail whose bodies are being polled on this thread, the outermost first.
    static BODIES: RefCell<Vec<watch::Receiver<bool>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `poll` as part of the body of a scope that has failed once `failing` says so.
pub(crate) fn in_body<T>(failing: &watch::Receiver<bool>, poll: impl FnOnce() -> T) -> T {
    BODIES.with_borrow_mut(|bodies| bodies.push(failing.clone()));
    let _leave = Leave;
    poll()
}

/// Runs `poll` as part of code that no failure of a scope around it cuts short.
pub(crate) fn out_of_bodies<T>(poll: impl FnOnce() -> T) -> T {
    let _restore = Restore(BODIES.take());
    poll()
}

/// True in the body of a scope that fails.
pub(crate) fn in_failing_scope() -> bool {
    BODIES.with_borrow(|bodies| bodies.iter().any(|failing| *failing.borrow()))
}

/// True of what must not reach the running code: in the body of a scope that fails, `me` has
/// cancelled something because of that failure, and a body that returned this would hide it.
///
/// Whatever would resolve with it stays pending instead; the body is about to be dropped.
pub(crate) fn hides_failure(error: &Error, me: &Aid) -> bool {
    matches!(error, Error::Cancelled(cancelled) if cancelled.canceller() == me)
        && in_failing_scope()
}

/// `result`, unless it [hides](hides_failure) the failure of a scope: then nothing.
pub(crate) async fn unless_it_hides_failure<T>(result: Result<T>, me: &Aid) -> Result<T> {
    match result {
        Err(error) if hides_failure(&error, me) => pending().await,
        result => result,
    }
}

struct Restore(Vec<watch::Receiver<bool>>);

impl Drop for Restore {
    fn drop(&mut self) {
        BODIES.set(std::mem::take(&mut self.0));
    }
}

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        BODIES.with_borrow_mut(Vec::pop);
    }
}

//! The bodies of scopes that the running code is part of.

use std::cell::RefCell;

use tokio::sync::watch;

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

/// True in the body of a scope that fails: what is cancelled there is cancelled because of that,
/// and the body is dropped before it could tell the difference.
pub(crate) fn in_failing_scope() -> bool {
    BODIES.with_borrow(|bodies| bodies.iter().any(|failing| *failing.borrow()))
}

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        BODIES.with_borrow_mut(Vec::pop);
    }
}

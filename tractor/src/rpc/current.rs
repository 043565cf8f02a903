//! The call that the running code answers.

use std::cell::RefCell;

use tokio::time::Instant;

/// What a handler's nested calls inherit from the call that it answers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CurrentCall {
    /// When the caller stops waiting.
    pub(super) deadline: Option<Instant>,
}

thread_local! {
    static CURRENT: RefCell<CurrentCall> = const { RefCell::new(CurrentCall { deadline: None }) };
}

impl CurrentCall {
    /// The call that is being answered on this thread now; an empty one outside of handlers.
    pub(super) fn get() -> Self {
        CURRENT.with_borrow(|current| *current)
    }

    /// Runs `body` as part of this call.
    pub(super) fn scope<T>(self, body: impl FnOnce() -> T) -> T {
        let _restore = Restore(CURRENT.replace(self));
        body()
    }
}

struct Restore(CurrentCall);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

//! The call that the running code answers.

use std::cell::RefCell;

use tokio::time::Instant;

use super::claim::Claim;

/// What a handler's code inherits from the call that it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct CurrentCall {
    /// When the caller stops waiting.
    pub(super) deadline: Option<Instant>,
    /// Whether a plain function may still begin.
    pub(super) claim: Option<Claim>,
}

thread_local! {
    static CURRENT: RefCell<Option<CurrentCall>> = const { RefCell::new(None) };
}

impl CurrentCall {
    /// The call that is being answered on this thread now; an empty one outside of handlers.
    pub(super) fn get() -> Self {
        CURRENT.with_borrow(Clone::clone).unwrap_or_default()
    }

    /// Runs `body` as part of this call.
    pub(super) fn scope<T>(&self, body: impl FnOnce() -> T) -> T {
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        body()
    }
}

struct Restore(Option<CurrentCall>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

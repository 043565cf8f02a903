//! What a cancellation and a beginning compete for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The right to decide what becomes of a plain function that waits for a thread: the pool takes it
/// and begins, or a cancellation takes it and nothing begins. Clones are the same claim.
///
/// Whoever fails to take it sees what was done before it was taken, and whoever gives it back what was done
/// before the last attempt.
#[derive(Debug, Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// True for the first who asks.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }

    /// What had begun has ended: the next one who asks can take it.
    pub(super) fn give_back(&self) {
        self.0.swap(false, Ordering::AcqRel);
    }
}

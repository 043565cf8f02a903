//! What a cancellation and a beginning compete for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The right to decide what becomes of a plain function that waits for a thread: the pool takes it
/// and begins, or a cancellation takes it and nothing begins. Clones are the same claim.
#[derive(Debug, Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// True for the first who asks.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

//! A guard whose end can be awaited.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells when it is dropped.
pub(crate) struct Tells(pub(crate) Arc<Notify>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

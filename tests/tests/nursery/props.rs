//! What several of these tests play with.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tractor::Config;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Nothing ends because a time is over.
pub(crate) fn patient() -> Config {
    Config::new().cancel_timeout(HOUR).kill_timeout(HOUR)
}

/// Tells when it is dropped.
pub(crate) struct Tells(pub(crate) Arc<Notify>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

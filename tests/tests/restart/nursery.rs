//! A nursery that restarts its actors at once.

use std::time::Duration;

use tractor::{NurseryBuilder, Restart, RestartType};

pub(crate) const TYPES: [RestartType; 3] = [
    RestartType::Permanent,
    RestartType::Transient,
    RestartType::Temporary,
];
const SOON: Duration = Duration::from_millis(1);

pub(crate) fn nursery(strategy: Restart) -> NurseryBuilder {
    tractor::nursery()
        .restart(strategy)
        .restart_backoff(SOON..=SOON)
}

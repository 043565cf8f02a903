//! The tokio runtime of an actor.

use tokio::runtime::{Builder, Runtime};

use crate::base::{Actor, ConfigError, Result, enter_thread};
use crate::process::explain;

/// Builds the runtime whose threads all belong to `actor`.
pub(super) fn build(actor: &Actor) -> Result<Runtime> {
    let threads = actor.config().threads();
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    let owner = actor.clone();
    builder.enable_all().on_thread_start(move || {
        // For as long as the thread lives, which is as long as the runtime does.
        std::mem::forget(enter_thread(&owner));
    });
    let failed = |error| {
        let reason = explain(&error);
        ConfigError::new(format!("cannot start the tokio runtime: {reason}"))
    };
    Ok(builder.build().map_err(failed)?)
}

//! Where the two processes of a contestant run.

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

/// The environment variable that names the core of the caller and the one of its servers.
///
/// Without it the scheduler decides.
pub(crate) const CORES: &str = "PEERS_CORES";

/// Which of the two processes this is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Caller,
    Server,
}

/// Whether there is anything to [`pin`].
pub(crate) fn are_chosen() -> bool {
    std::env::var_os(CORES).is_some()
}

/// Stays on the core that [`CORES`] names, if it names one.
pub(crate) fn pin(side: Side) -> Result<()> {
    let Ok(cores) = std::env::var(CORES) else {
        return Ok(());
    };
    let (caller, server) = cores.split_once(',').context("two cores, with a comma")?;
    let core = match side {
        Side::Caller => caller,
        Side::Server => server,
    };
    let mut set = CpuSet::new();
    set.set(core.parse()?)?;
    let this = Pid::from_raw(0);
    sched_setaffinity(this, &set).context("staying on one core")
}

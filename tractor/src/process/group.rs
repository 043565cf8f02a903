//! The process group that an actor leads, and takes along when it ends.
//!
//! Its spawner kills what is left of the group when the actor has ended, and an actor whose spawner
//! is gone does so itself. If both are killed at the same time, nobody is left to do it.
//!
//! A group has the id of its leader, which the kernel keeps from being anybody else's while the
//! leader is not reaped, or the group has members. A group of which nothing is left when its leader
//! is reaped may be another's a moment later: therefore the kill comes first, and it takes to know
//! that the leader has ended without reaping it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicI32, Ordering};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpgid, getppid};
use tokio::sync::oneshot;

/// The spawner of this process, if this was started as the leader of a group; 0 otherwise.
static SPAWNER: AtomicI32 = AtomicI32::new(0);

/// Notes that this process was started as the leader of a group.
pub(crate) fn lead_group() {
    SPAWNER.store(getppid().as_raw(), Ordering::Relaxed);
}

/// Kills this process with the group that it leads, if it leads one and its spawner is dead.
pub(crate) fn end_orphaned_group() {
    if leads() && getppid().as_raw() != SPAWNER.load(Ordering::Relaxed) {
        end_group();
    }
}

/// Kills this process with the group that it leads, if it leads one.
pub(crate) fn end_group() {
    if leads() {
        // There is no way to signal all others of a group, so that this process cannot exit. What
        // it has written shall not be lost.
        let _ = io::stdout().flush();
        kill_this();
    }
}

/// Kills this process, and the group that it leads.
pub(super) fn kill_this() {
    // A process may always signal itself.
    let _ = match leads() {
        true => signal_group(Pid::this(), Signal::SIGKILL),
        false => kill(Pid::this(), Signal::SIGKILL),
    };
}

fn leads() -> bool {
    SPAWNER.load(Ordering::Relaxed) != 0
}

/// Signals the group that `leader` was started with, and `leader` even if it has left it.
pub(super) fn signal_group(leader: Pid, signal: Signal) -> nix::Result<()> {
    let sent = killpg(leader, signal);
    match getpgid(Some(leader)) {
        Ok(group) if group == leader => sent,
        // Not both for a member: a second SIGTERM may mean something else than the first.
        _ => kill(leader, signal),
    }
}

/// Refuses where an end is only told by reaping.
pub(super) fn check_support() -> io::Result<()> {
    match SUPPORTED {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it cannot lead a process group: only Linux and FreeBSD can tell its end in time",
        )),
    }
}

const SUPPORTED: bool = cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd"
));

/// Resolves when the leader of a group has ended and is not reaped yet; with an error if somebody
/// else has reaped it.
pub(super) type LeaderEnded = oneshot::Receiver<()>;

/// Watches for the end of the leader of a group.
pub(super) struct LeaderWatch {
    leader: Pid,
    ended: oneshot::Sender<()>,
}

impl LeaderWatch {
    pub(super) fn new(leader: Pid) -> (Self, LeaderEnded) {
        let (ended, tells) = oneshot::channel();
        (Self { leader, ended }, tells)
    }

    /// Blocks until the leader has ended, and tells.
    pub(super) fn run(self) {
        if wait_for_end(self.leader) {
            let _ = self.ended.send(());
        }
    }
}

/// Blocks until a child of this process has ended; false if it is reaped already.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn wait_for_end(child: Pid) -> bool {
    use nix::errno::Errno;
    use nix::sys::wait::{Id, WaitPidFlag, waitid};

    loop {
        let ended = waitid(Id::Pid(child), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        if ended != Err(Errno::EINTR) {
            return ended.is_ok();
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn wait_for_end(_child: Pid) -> bool {
    false
}

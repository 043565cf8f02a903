//! The pseudo-terminal that stands in for the terminal of the root.

mod at_exit;
mod copying;
mod kept;
mod relay;

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::fstat;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{Pid, dup2_stderr, dup2_stdout, getpid, tcgetpgrp};

use self::at_exit::at_exit;
use self::relay::Relay;
use super::desk::close_desks;

/// That of this process, once there was a use for it.
static MADE: OnceLock<Option<Made>> = OnceLock::new();

/// What stdout and stderr of this process are as long as a root runs, and those of its children: a terminal
/// like the real one, whose output is [relayed](super::relay) to that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StandIn(&'static Made);

#[derive(Debug)]
struct Made {
    process: Pid,
    /// The end that is written to.
    end: OwnedFd,
    relay: Relay,
    covering: Mutex<Covering>,
}

/// What it was put over, and for whom.
#[derive(Debug, Default)]
struct Covering {
    /// The roots that use it.
    roots: usize,
    covered: Vec<Covered>,
}

/// Stdout or stderr, which the stand-in was put over.
#[derive(Debug)]
struct Covered {
    original: OwnedFd,
    /// True as long as nobody has put something else there.
    is_covered: fn(&Made) -> bool,
    put: fn(&OwnedFd) -> nix::Result<()>,
}

impl StandIn {
    /// Puts it over stdout and stderr, as far as these are the terminal of this process.
    pub(crate) fn engage() -> Option<Self> {
        let made = MADE.get_or_init(|| {
            Made::new()
                .inspect_err(|error| {
                    tracing::warn!(%error, "output is not held while somebody is at a prompt");
                })
                .ok()
        });
        let made = made.as_ref()?;
        let mut covering = made.covering();
        if covering.roots == 0 {
            covering.covered = made.cover();
        }
        covering.roots += 1;
        drop(covering);
        Some(Self(made))
    }

    /// Keeps what is written from now on. Returns when the terminal has got all that was written before, or
    /// that is not `wanted` any more.
    pub(super) fn hold(self, wanted: impl FnMut() -> bool) {
        self.0.relay.hold(wanted);
    }

    /// Gives the terminal what is kept, and what is written from now on.
    pub(super) fn release(self) {
        self.0.relay.release();
    }

    /// Makes stdout and stderr what they were, if no other root uses it. Returns when the terminal has got all
    /// that was written before.
    pub(super) fn leave(self) {
        let mut covering = self.0.covering();
        covering.roots = covering.roots.saturating_sub(1);
        let is_last = covering.roots == 0;
        drop(covering);
        if is_last {
            self.0.end();
        }
    }
}

/// Lets nobody wait for a terminal that takes nothing: this process is about to be killed.
pub(crate) fn give_up_terminal() {
    if let Some(Some(made)) = MADE.get() {
        made.relay.hurry();
    }
}

impl Made {
    fn new() -> io::Result<Self> {
        // Opened anew: it does not block, and whoever else has it does not notice.
        let terminal = OpenOptions::new()
            .write(true)
            .custom_flags((OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits())
            .open("/dev/tty")?;
        let (relayed, end) = open_pair(&terminal)?;
        at_exit(leave_at_exit)?;
        Ok(Self {
            process: getpid(),
            end,
            // Last: it relies on the other end.
            relay: Relay::start(relayed, terminal)?,
            covering: Mutex::default(),
        })
    }

    fn cover(&self) -> Vec<Covered> {
        let stdout = cover(
            io::stdout(),
            |made| made.is(io::stdout()),
            |file| dup2_stdout(file),
        );
        let stderr = cover(
            io::stderr(),
            |made| made.is(io::stderr()),
            |file| dup2_stderr(file),
        );
        let covered = [stdout, stderr].into_iter().flatten();
        let covered = covered.filter(|covered| (covered.put)(&self.end).is_ok());
        covered.collect()
    }

    /// Makes stdout and stderr what they were. Returns when the terminal has got all that was written before.
    fn end(&self) {
        // In a process that was forked from this one there is no relay.
        if self.process != getpid() {
            return;
        }
        for covered in self.covering().covered.drain(..) {
            if (covered.is_covered)(self) {
                // It was open there before, and so can be again.
                let _ = (covered.put)(&covered.original);
            }
        }
        // Who is left behind may still write to it.
        self.relay.release();
        self.relay.catch_up();
    }

    fn covering(&self) -> MutexGuard<'_, Covering> {
        self.covering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when `file` is the end that is written to.
    fn is(&self, file: impl AsFd) -> bool {
        match (fstat(file), fstat(&self.end)) {
            (Ok(file), Ok(end)) => (file.st_dev, file.st_ino) == (end.st_dev, end.st_ino),
            _ => false,
        }
    }
}

/// What it takes to put the stand-in over `file`, if that is the terminal of this process.
fn cover(
    file: impl AsFd + IsTerminal,
    is_covered: fn(&Made) -> bool,
    put: fn(&OwnedFd) -> nix::Result<()>,
) -> Option<Covered> {
    // The kernel tells that of no other.
    tcgetpgrp(&file).ok()?;
    Some(Covered {
        original: file.as_fd().try_clone_to_owned().ok()?,
        is_covered,
        put,
    })
}

/// A pseudo-terminal like `terminal`: the end that is relayed, and the one that is written to.
fn open_pair(terminal: &File) -> io::Result<(PtyMaster, OwnedFd)> {
    // Nobody inherits it but as stdout or stderr, and it becomes the terminal of nobody.
    let flags = OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let relayed = posix_openpt(flags | OFlag::O_RDWR | OFlag::O_NONBLOCK)?;
    grantpt(&relayed)?;
    unlockpt(&relayed)?;
    // Nobody types there: an error is better than to wait for that.
    let end = OpenOptions::new()
        .write(true)
        .custom_flags(flags.bits())
        .open(ptsname_r(&relayed)?)?;
    let mut modes = tcgetattr(terminal)?;
    // A line's end becomes the terminal's where it gets there.
    cfmakeraw(&mut modes);
    tcsetattr(&end, SetArg::TCSANOW, &modes)?;
    Ok((relayed, end.into()))
}

/// However the process exits, nothing that it has written is lost.
extern "C" fn leave_at_exit() {
    if let Some(Some(made)) = MADE.get()
        && made.process == getpid()
    {
        close_desks();
        made.end();
    }
}

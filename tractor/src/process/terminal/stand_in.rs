//! The pseudo-terminal that stands in for the terminal of the root.

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

use super::at_exit::at_exit;
use super::desk::close_desks;
use super::relay::Relay;

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
    covered: Mutex<Vec<Covered>>,
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
        made.cover();
        Some(Self(made))
    }

    /// Keeps what is written from now on. Returns when the terminal has got all that was written before.
    pub(super) fn hold(self) {
        self.0.relay.hold();
    }

    /// Gives the terminal what is kept, and what is written from now on.
    pub(super) fn release(self) {
        self.0.relay.release();
    }

    /// Makes stdout and stderr what they were. Returns when the terminal has got all that was written before.
    pub(super) fn leave(self) {
        self.0.uncover();
        // Who is left behind may still write to it.
        self.0.relay.release();
        self.0.relay.catch_up();
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
            covered: Mutex::new(Vec::new()),
        })
    }

    fn cover(&self) {
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
        *self.covered() = covered.collect();
    }

    fn uncover(&self) {
        for covered in self.covered().drain(..) {
            if (covered.is_covered)(self) {
                // It was open there before, and so can be again.
                let _ = (covered.put)(&covered.original);
            }
        }
    }

    fn covered(&self) -> MutexGuard<'_, Vec<Covered>> {
        self.covered.lock().unwrap_or_else(PoisonError::into_inner)
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
pub(super) fn open_pair(terminal: &File) -> io::Result<(PtyMaster, OwnedFd)> {
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
    // In a process that was forked from this one there is no relay.
    if let Some(Some(made)) = MADE.get()
        && made.process == getpid()
    {
        close_desks();
        StandIn(made).leave();
    }
}

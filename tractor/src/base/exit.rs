//! How an actor's process ended.

use std::fmt;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::Aid;

/// Records how one actor ended: observed once, by the owner that reaped it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    pub(crate) aid: Aid,
    pub(crate) rung: Rung,
    pub(crate) status: ExitStatus,
    pub(crate) elapsed: Duration,
}

impl Exit {
    /// The actor that ended.
    pub fn aid(&self) -> &Aid {
        &self.aid
    }

    /// The last rung of the ladder that was needed.
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// What the kernel reported when the process was reaped.
    pub fn status(&self) -> ExitStatus {
        self.status
    }

    /// The time from the first rung until the process was reaped; zero when it ended by itself.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.aid, self.status, self.rung)
    }
}

/// The ladder by which an actor is brought down, from consent to force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Rung {
    /// Nobody asked: the process ended by itself.
    Unasked,
    /// A cancel request over the link.
    Cancel,
    /// `SIGTERM`, after the request was not acknowledged or not followed.
    Terminate,
    /// `SIGKILL`, the last rung.
    Kill,
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unasked => "unasked",
            Self::Cancel => "cancelled",
            Self::Terminate => "terminated",
            Self::Kill => "killed",
        })
    }
}

/// The exit code or the signal that ended a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ExitStatus {
    /// The process exited with this code.
    Code(i32),
    /// This signal ended the process.
    Signal(i32),
    /// Nobody knows: the program has reaped the process itself, or has set `SIGCHLD` to be ignored.
    Unknown,
}

impl ExitStatus {
    /// The exit code, unless a signal ended the process.
    pub fn code(self) -> Option<i32> {
        match self {
            Self::Code(code) => Some(code),
            Self::Signal(_) | Self::Unknown => None,
        }
    }

    /// The number of the signal that ended the process, if one did.
    pub fn signal(self) -> Option<i32> {
        match self {
            Self::Signal(signal) => Some(signal),
            Self::Code(_) | Self::Unknown => None,
        }
    }
}

impl From<std::process::ExitStatus> for ExitStatus {
    fn from(status: std::process::ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        match (status.signal(), status.code()) {
            (Some(signal), _) => Self::Signal(signal),
            (None, Some(code)) => Self::Code(code),
            (None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Code(code) => write!(f, "exited with code {code}"),
            Self::Unknown => f.write_str("ended, and was reaped by somebody else"),
            Self::Signal(number) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "was killed by {signal}"),
                Err(_) => write!(f, "was killed by signal {number}"),
            },
        }
    }
}

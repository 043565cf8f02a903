//! A child process, until it is reaped.

use std::io;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use super::group::{LeaderEnded, LeaderWatch, signal_group};
use crate::base::ExitStatus;

/// Owns a child process: observes its exit exactly once (S3).
///
/// If it leads a process group, whatever is done to it is done to the group, and what is left of the
/// group when it has ended is killed.
///
/// Dropping it, which happens only when a whole runtime goes away, kills the process and leaves
/// the reaping to tokio's orphan queue.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Reaped by somebody else: the pid may be another's by now.
    gone: bool,
    /// Of the leader of a group, until its end.
    leads: Option<LeaderEnded>,
}

impl Process {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that starts processes"
    )]
    pub(super) fn spawn(command: Command) -> io::Result<Self> {
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            child,
            gone: false,
            leads: None,
        })
    }

    /// From now on its process group is treated as one with it. Whoever gets the watch has to
    /// [run](LeaderWatch::run) it.
    pub(super) fn lead_group(&mut self) -> Option<LeaderWatch> {
        let (watch, ended) = LeaderWatch::new(self.raw_pid()?);
        self.leads = Some(ended);
        Some(watch)
    }

    /// The process id; `None` once it is reaped, because it may then be another's.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id().filter(|_| !self.gone)
    }

    /// Reaps the process when it ends. Cancel safe; tells the same status every time.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        if let Some(ended) = &mut self.leads {
            // As long as it is not reaped, the group cannot be another's.
            if ended.await.is_ok() {
                self.kill();
            }
            self.leads = None;
        }
        match self.child.wait().await {
            Ok(status) => status.into(),
            // Only ECHILD is left: user code has set SIGCHLD to be ignored, or has waited for
            // every child there is. The process is gone, and nobody knows how it ended.
            Err(error) => {
                tracing::warn!(%error, "a child was reaped by somebody else");
                self.gone = true;
                ExitStatus::Unknown
            }
        }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(&self) {
        self.signal(Signal::SIGKILL);
    }

    /// The last rung at once.
    pub(crate) async fn kill_and_reap(mut self) -> ExitStatus {
        self.kill();
        self.wait().await
    }

    fn signal(&self, signal: Signal) {
        // The pid cannot be another's: only `wait` reaps, and it needs `&mut self`.
        let Some(pid) = self.raw_pid() else {
            return;
        };
        let sent = match self.leads {
            Some(_) => signal_group(pid, signal),
            None => kill(pid, signal),
        };
        if let Err(error) = sent {
            tracing::debug!(%error, %pid, %signal, "could not signal a child");
        }
    }

    fn raw_pid(&self) -> Option<Pid> {
        let pid = i32::try_from(self.pid()?).ok()?;
        Some(Pid::from_raw(pid))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.leads.is_some() {
            self.kill();
        }
    }
}

//! Starting a child.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use tokio::sync::oneshot;

use super::Process;
use super::handoff::send_spec;
use crate::base::{Error, Image, SpawnError};
use crate::transport::socketpair;
use crate::wire::Spec;

/// Everything that starting a child takes.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) image: Image,
    pub(crate) spec: Spec,
}

impl Launch {
    /// Starts the process and tells it what it is; gives this end of its link.
    ///
    /// Runs on a thread of its own: the kernel holds the calling thread until the child has
    /// executed its image, and other children may start at the same time. The blocking pool would
    /// not do, because it panics where the system refuses it a thread.
    pub(crate) async fn start(self) -> Result<(Process, tokio::net::UnixStream), Error> {
        let path = self.spec.path.clone();
        let failed = |error: &io::Error| SpawnError::new(&path, explain(error));
        let (sender, started) = oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new()
            .name("tractor-start".into())
            .spawn(move || {
                let _inside = runtime.enter();
                // If nobody waits any more, the process is killed as it is dropped.
                let _ = sender.send(self.start_blocking());
            })
            .map_err(|error| failed(&error))?;
        let (process, link) = match started.await {
            Ok(Ok(started)) => started,
            Ok(Err(error)) => return Err(failed(&error).into()),
            Err(_) => return Err(SpawnError::new(&path, "the thread that starts it died").into()),
        };
        match link.and_then(into_async) {
            Ok(link) => Ok((process, link)),
            Err(error) => {
                process.kill_and_reap().await;
                Err(failed(&error).into())
            }
        }
    }

    /// The process, once there is one, and the link, unless the child could not be told what it is.
    fn start_blocking(self) -> io::Result<(Process, io::Result<UnixStream>)> {
        let (ours, theirs) = socketpair()?;
        let command = self.command(theirs.into());
        let process = {
            // A terminal's Ctrl-C reaches the whole process group. The mask is inherited, so the
            // child cannot die of it before it is able to say that only its parent cancels it.
            let _masked = InterruptsMasked::new()?;
            Process::spawn(command)?
        };
        // A child that is gone already shows as a broken pipe; how it ended tells the user more.
        let link = match send_spec(&ours, &self.spec, self.image.hands_stdout_over()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(ours),
        };
        Ok((process, link))
    }

    /// Only what keeps std on its `posix_spawn` fast path: no `pre_exec`, no ids, no new session.
    fn command(&self, link: OwnedFd) -> Command {
        let mut command = Command::new(self.image.program());
        command
            .arg0(Image::child_name(&self.spec.path))
            .args(self.image.args())
            .envs(self.spec.config.child_env().iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::from(link));
        if self.image.hands_stdout_over() {
            command.stdout(Stdio::null());
        }
        command
    }
}

fn into_async(link: UnixStream) -> io::Result<tokio::net::UnixStream> {
    link.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(link)
}

/// An error of starting something, with what a person can do about it.
pub(crate) fn explain(error: &io::Error) -> String {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "is /proc mounted? the running image is started through it",
        io::ErrorKind::PermissionDenied => "the program's file has to be executable by this user",
        io::ErrorKind::WouldBlock => "the limit of processes and threads is reached (ulimit -u)",
        io::ErrorKind::OutOfMemory => "there is not enough memory for another process",
        _ if error.raw_os_error() == Some(nix::errno::Errno::EMFILE as i32) => {
            "the limit of open files is reached (ulimit -n)"
        }
        _ => return error.to_string(),
    };
    format!("{error}; {hint}")
}

/// Keeps SIGINT from this thread, and from what it starts, until dropped.
struct InterruptsMasked(SigSet);

impl InterruptsMasked {
    fn new() -> io::Result<Self> {
        let interrupt = SigSet::from(Signal::SIGINT);
        Ok(Self(interrupt.thread_swap_mask(SigmaskHow::SIG_BLOCK)?))
    }
}

impl Drop for InterruptsMasked {
    fn drop(&mut self) {
        self.0
            .thread_set_mask()
            .expect("a mask that was in force before is valid");
    }
}

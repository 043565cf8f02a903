//! Starting a child.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Process;
use super::attributes::Attributes;
use super::handoff::{encode_spec, send_descriptors};
use super::masked::Masked;
use super::uplink::uplink;
use crate::base::{Error, Image, SpawnError, Transport, on_own_thread};
use crate::transport::{Mapping, Socket, allocate, socketpair};
use crate::wire::{Handed, Spec};

/// Everything that starting a child takes.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) image: Image,
    pub(crate) attributes: Attributes,
    pub(crate) spec: Spec,
}

/// A child whose process exists.
pub(crate) struct Launched {
    pub(crate) process: Process,
    pub(crate) link: Socket,
    /// What the child still has to be sent before it knows what it is.
    pub(crate) unsent: Vec<u8>,
    /// The memory that the child shares.
    pub(crate) memory: Option<Mapping>,
}

/// What connects a spawner with a new process.
struct Connection {
    link: UnixStream,
    unsent: Vec<u8>,
    memory: Option<Mapping>,
}

impl Launch {
    /// Starts the process.
    ///
    /// On a thread of its own: the kernel holds the calling thread until the child has executed
    /// its image, other children may start at the same time, and the blocking pool may be full of
    /// the user's work. The thread of a child that leads a process group stays for its end.
    pub(crate) async fn start(self) -> Result<Launched, Error> {
        let path = self.spec.path.clone();
        let failed = |error: io::Error| SpawnError::new(&path, explain(&error));
        let (launched, launching) = oneshot::channel();
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("tractor-spawn".into())
            .stack_size(256 << 10)
            .spawn(on_own_thread(move || {
                let leads_group = self.attributes.process_group;
                let mut started = {
                    let _inside = runtime.enter();
                    self.start_blocking()
                };
                let watch = match &mut started {
                    Ok((process, _)) if leads_group => process.lead_group(),
                    _ => None,
                };
                let _ = launched.send(started);
                if let Some(watch) = watch {
                    watch.run();
                }
            }))
            .map_err(failed)?;
        let ended = |_| io::Error::other("the runtime is shutting down");
        let (process, connection) = launching
            .await
            .map_err(ended)
            .and_then(|ran| ran)
            .map_err(failed)?;
        let connected = connection.and_then(|connection| {
            let link = Socket::new(connection.link)?;
            Ok((link, connection.unsent, connection.memory))
        });
        match connected {
            Ok((link, unsent, memory)) => Ok(Launched {
                process,
                link,
                unsent,
                memory,
            }),
            Err(error) => {
                process.kill_and_reap().await;
                Err(failed(error).into())
            }
        }
    }

    /// The process, once there is one, and what connects it, unless that could not be made ready: a
    /// process without a link has to be reaped.
    fn start_blocking(mut self) -> io::Result<(Process, io::Result<Connection>)> {
        let (ours, theirs) = socketpair()?;
        let (memory, mapping) = self.memory().unzip();
        let stdout = self.attributes.stdout.to_hand_over();
        let stdout = stdout.filter(|_| self.image.hands_stdout_over());
        let mut descriptors = Vec::new();
        if let Some(stdout) = stdout {
            self.spec.handed.push(Handed::Stdout);
            descriptors.push(stdout);
        }
        if let Some(memory) = &memory {
            self.spec.handed.push(Handed::Memory);
            descriptors.push(memory.as_raw_fd());
        }
        if let Some(uplink) = uplink() {
            self.spec.handed.push(Handed::Uplink);
            descriptors.push(uplink.as_fd().as_raw_fd());
        }
        let spec = encode_spec(&self.spec)?;
        let command = self.command(theirs.into())?;
        self.attributes.pin_this_thread()?;
        let process = {
            // A terminal's Ctrl-C reaches the whole process group. The mask is inherited, so the
            // child cannot die of it before it is able to say that only its parent cancels it.
            let _masked = Masked::new(Signal::SIGINT)?;
            Process::spawn(command).map_err(|error| self.attributes.explain(error))?
        };
        let connection = send_descriptors(&ours, &descriptors, spec).map(|unsent| Connection {
            link: ours,
            unsent,
            memory: mapping,
        });
        Ok((process, connection))
    }

    /// The memory to share with the child, if it is to have some and it can be had.
    fn memory(&self) -> Option<(OwnedFd, Mapping)> {
        if self.spec.config.carried_by() != Transport::SharedMemory {
            return None;
        }
        let shared = allocate().and_then(|memory| {
            let mapping = Mapping::new(&memory)?;
            Ok((memory, mapping))
        });
        shared
            .inspect_err(|error| {
                let actor = &self.spec.path;
                tracing::warn!(actor, %error, "no shared memory: the link goes through a socket");
            })
            .ok()
    }

    /// Only what keeps std on its `posix_spawn` fast path: no `pre_exec`, no ids, no new session.
    fn command(&self, link: OwnedFd) -> io::Result<Command> {
        let mut command = Command::new(self.image.program());
        command
            .arg0(Image::child_name(&self.spec.path))
            .args(self.image.args())
            .envs(self.spec.config.child_env().iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::from(link));
        command.stdout(match self.image.hands_stdout_over() {
            true => Stdio::null(),
            false => self.attributes.stdout.for_command()?,
        });
        self.attributes.apply(&mut command)?;
        Ok(command)
    }
}

/// An error of starting something, with what a person can do about it.
pub(crate) fn explain(error: &io::Error) -> String {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "is /proc mounted? the running image is started through it",
        io::ErrorKind::PermissionDenied => "the program's file has to be executable by this user",
        io::ErrorKind::WouldBlock => "the limit of processes is reached (ulimit -u)",
        io::ErrorKind::OutOfMemory => "there is not enough memory for another process",
        _ if error.raw_os_error() == Some(nix::errno::Errno::EMFILE as i32) => {
            "the limit of open files is reached (ulimit -n)"
        }
        _ => return error.to_string(),
    };
    format!("{error}; {hint}")
}

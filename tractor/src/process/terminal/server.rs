//! The root's side of the line.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{Builder, sleep};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};

use super::super::abstract_socket::{is_welcome, listen, peer};
use super::line::Place;
use super::modes::Modes;
use super::{ADDRESS, Address, LINE, Reply, Request, receive, send, terminal_name};
use crate::base::random;

/// What the names of such sockets begin with; 16 hexadecimal digits follow.
const NAME: &str = "tractor-terminal-";

/// How long is waited after an error, such as too many open files.
const PAUSE: Duration = Duration::from_secs(1);

/// How often is looked whether somebody who waits is still there.
const LOOK: Duration = Duration::from_millis(500);

/// The root of the tree, as its threads know it.
pub(crate) trait Host: Send + Sync + 'static {
    /// True when somebody may sit at the terminal.
    fn has_prompt(&self) -> bool;

    /// What the tree does, as text.
    fn tree(&self) -> String;

    /// Tears the tree down.
    fn quit(&self);
}

/// The root in this process, if there is one.
static HOST: OnceLock<Box<dyn Host>> = OnceLock::new();

/// Notes the root in this process, which has the terminal: nothing listens yet.
pub(crate) fn set_host(host: impl Host) {
    let _ = HOST.set(Box::new(host));
}

/// Has the root hand out the terminal, as long as this process lives. Gives the name under which it is
/// found; `None` where there is no way to the root's.
///
/// # Errors
///
/// What the kernel refuses.
pub(crate) fn open_terminal() -> io::Result<Option<&'static str>> {
    static OPENING: Mutex<()> = Mutex::new(());
    let _opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    if let (None, Some(host)) = (terminal_name(), HOST.get()) {
        let name = format!("{NAME}{:016x}", random());
        let listener = listen(&name)?;
        let modes = Modes::now();
        thread("tractor-terminal", move || {
            accept(&listener, &**host, &modes);
        })?;
        let is_here = true;
        let _ = ADDRESS.set(Address { name, is_here });
    }
    Ok(terminal_name())
}

fn accept(listener: &UnixListener, host: &'static dyn Host, modes: &Modes) {
    loop {
        let served = listener.accept().and_then(|(stream, _)| {
            if !is_welcome(peer(&stream)?) {
                return Ok(());
            }
            let modes = modes.clone();
            thread("tractor-prompt", move || serve(stream, host, &modes))
        });
        if let Err(error) = served {
            tracing::warn!(%error, "cannot hand out the terminal");
            sleep(PAUSE);
        }
    }
}

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(name.to_owned()).spawn(body).map(drop)
}

/// Serves one actor, until it goes away.
fn serve(mut actor: UnixStream, host: &dyn Host, modes: &Modes) {
    let mut place = None;
    // However it goes away: that of one which has had the terminal shows only here.
    let _gone = converse(&mut actor, &mut place, host, modes);
    if place.is_some_and(|place| place.before() == 0) {
        // It may have been killed at its prompt.
        restore(modes, host);
    }
}

/// Where nobody sits at the terminal, nobody has changed it, and it may not be for this process to change.
fn restore(modes: &Modes, host: &dyn Host) {
    if host.has_prompt() {
        modes.restore();
    }
}

fn converse(
    actor: &mut UnixStream,
    place: &mut Option<Place<'static>>,
    host: &dyn Host,
    modes: &Modes,
) -> io::Result<()> {
    loop {
        let reply = match receive(actor)? {
            Request::Hold => {
                wait(place.get_or_insert_with(|| LINE.stand()), actor)?;
                restore(modes, host);
                match LINE.is_closed() {
                    true => Reply::Quitting,
                    false => Reply::Turn {
                        prompt: host.has_prompt(),
                    },
                }
            }
            Request::IsHeld => Reply::Held(LINE.is_taken()),
            Request::Tree => Reply::Tree(host.tree()),
            Request::Quit => {
                LINE.close();
                host.quit();
                Reply::Quitting
            }
        };
        send(actor, &reply)?;
    }
}

/// Waits until it is the turn of `place`, as long as `actor` lives.
fn wait(place: &Place<'_>, actor: &mut UnixStream) -> io::Result<()> {
    let mut before = place.before();
    let mut told = 0;
    while before > 0 && !LINE.is_closed() {
        if before != told {
            send(actor, &Reply::Wait(before))?;
            told = before;
        }
        before = place.wait(LOOK);
        look(actor)?;
    }
    Ok(())
}

/// Fails when `actor` is gone.
fn look(actor: &UnixStream) -> io::Result<()> {
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    match recv(actor.as_raw_fd(), &mut [0], flags) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

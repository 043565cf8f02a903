//! The terminal of a tree: one prompt at a time.
//!
//! ```text
//!   actor ── Hold ───▶ root     it waits in line
//!   actor ◀─ Turn ──── root     it has the terminal, until the connection ends, whichever way
//!   actor ── Tree ───▶ root     as often as it likes
//! ```
//!
//! Once an actor is in debug mode, and only then, the root listens on a socket with an
//! [abstract name](super::abstract_socket), which its children are told. An actor that stops is blocked:
//! its link says nothing, and the line has to be asked by a thread that waits. The root answers from
//! threads of their own, too, so that it can be the one that has stopped.
//!
//! While somebody has the terminal, what all others write is kept: their stdout and stderr are a
//! pseudo-terminal of the root, which stands in for the terminal.

#[cfg(not(all(feature = "debug", any(target_os = "linux", target_os = "android"))))]
mod absent;
mod desk;
mod held;
mod lent;
mod line;
#[cfg(all(feature = "debug", any(target_os = "linux", target_os = "android")))]
mod stand_in;

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::thread::Builder;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

#[cfg(not(all(feature = "debug", any(target_os = "linux", target_os = "android"))))]
use self::absent::StandIn;
#[cfg(not(all(feature = "debug", any(target_os = "linux", target_os = "android"))))]
pub(crate) use self::absent::give_up_terminal;
use self::desk::Desk;
pub(crate) use self::desk::{Host, OpenDesk, close_desks};
pub(crate) use self::held::Terminal;
#[cfg(all(feature = "debug", any(target_os = "linux", target_os = "android")))]
use self::stand_in::StandIn;
#[cfg(all(feature = "debug", any(target_os = "linux", target_os = "android")))]
pub(crate) use self::stand_in::give_up_terminal;
use super::abstract_socket::connect;
use crate::base::{Aid, on_own_thread};

/// What an actor says to the root.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// It wants the terminal.
    Hold,
    /// Does anybody have it?
    IsHeld,
    /// What does the tree do?
    Tree { colours: bool },
    /// The tree is to be torn down.
    Quit,
}

/// What the root says to that.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    /// So many are before it.
    Wait(usize),
    /// The terminal is its own; whether there is one to talk to somebody.
    Turn {
        prompt: bool,
    },
    Held(bool),
    Tree(String),
    Quitting,
}

/// Where the root of this tree hands the terminal out, as a child is told.
static TOLD: OnceLock<String> = OnceLock::new();

/// How long a root may take to say who has its terminal.
const PATIENCE: Duration = Duration::from_secs(1);

/// Notes the name that the parent has told.
pub(crate) fn know_terminal(name: String) {
    let _ = TOLD.set(name);
}

/// The name under which `actor`, which is in this process, finds the terminal of its tree; `None` as long as
/// nobody has wanted to know.
pub(crate) fn terminal_name(actor: &Aid) -> Option<String> {
    match Desk::of(actor) {
        Some(desk) => desk.name(),
        None => TOLD.get().cloned(),
    }
}

/// The name under which the children of `actor` find the terminal: its root hands it out from now on, if that
/// is `actor`, and keeps what others write meanwhile, if somebody `holds` that. `None` where there is no way to
/// the terminal.
pub(crate) fn open_terminal(actor: &Aid, holds: bool) -> Option<String> {
    let Some(desk) = Desk::of(actor) else {
        return TOLD.get().cloned();
    };
    desk.listen(holds)
        .inspect_err(|error| {
            tracing::warn!(%error, "cannot hand out the terminal: crashes are only reported");
        })
        .ok()
}

/// True while somebody has the terminal of the tree of `actor`, which is in this process, or waits for it.
///
/// # Cancel safety
///
/// Dropping it changes nothing.
pub(crate) async fn is_terminal_held(actor: &Aid) -> bool {
    if let Some(desk) = Desk::of(actor) {
        return desk.is_held();
    }
    let Some(name) = TOLD.get() else {
        return false;
    };
    let (tell, told) = oneshot::channel();
    // Not on the blocking pool, which may be full of the user's work.
    let asks = Builder::new().name("tractor-asks".to_owned());
    let asks = asks.spawn(on_own_thread(move || {
        let _ = tell.send(ask_is_held(name));
    }));
    asks.is_ok() && told.await.unwrap_or(false)
}

/// The same of a root in this process, at once.
pub(crate) fn is_desk_held(root: &Aid) -> bool {
    Desk::of(root).is_some_and(|desk| desk.is_held())
}

fn ask_is_held(name: &str) -> bool {
    try_is_held(name).unwrap_or_else(|error| {
        // The root is there, and does not answer: it has stopped, as it does in a debugger.
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        )
    })
}

fn try_is_held(name: &str) -> io::Result<bool> {
    let mut stream = connect(name)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    send(&mut stream, &Request::IsHeld)?;
    match receive(&mut stream)? {
        Reply::Held(held) => Ok(held),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(reply: &Reply) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("not expected: {reply:?}"),
    )
}

/// The longest message in bytes.
const LIMIT: u32 = 16 << 20;

fn send(stream: &mut UnixStream, message: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let frame = [&length.to_le_bytes(), &*bytes].concat();
    io::Write::write_all(stream, &frame)
}

fn receive<T: DeserializeOwned>(stream: &mut UnixStream) -> io::Result<T> {
    let mut length = [0; 4];
    io::Read::read_exact(stream, &mut length)?;
    let length = u32::from_le_bytes(length);
    let garbage = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    if length > LIMIT {
        return Err(garbage(format!("{length} bytes are more than {LIMIT}")));
    }
    let mut bytes = Vec::new();
    let read = io::Read::read_to_end(&mut io::Read::take(stream, length.into()), &mut bytes)?;
    if read < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&bytes).map_err(|error| garbage(error.to_string()))
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::super::abstract_socket::listen;
    use super::ask_is_held;
    use crate::base::random;

    #[test]
    fn root_that_does_not_answer_has_the_terminal() {
        let name = format!("tractor-test-{:016x}", random());
        let stopped = listen(&name).expect("the name is new");
        assert!(ask_is_held(&name));
        drop(stopped);
        assert!(!ask_is_held(&name));
    }
}

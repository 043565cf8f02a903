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

mod held;
mod line;
mod modes;
mod server;

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use self::held::Terminal;
use self::line::Line;
pub(crate) use self::server::{Host, open_terminal, set_host};
use super::abstract_socket::connect;

/// What an actor says to the root.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    /// It wants the terminal.
    Hold,
    /// Does anybody have it?
    IsHeld,
    /// What does the tree do?
    Tree,
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

/// Where the root of this tree listens, once it does.
static ADDRESS: OnceLock<Address> = OnceLock::new();

#[derive(Debug)]
struct Address {
    name: String,
    /// Whether the root is in this process.
    is_here: bool,
}

/// The line of those who want the terminal of the tree whose root is in this process.
static LINE: Line = Line::new();

/// How long a root may take to say who has its terminal: longer than that only a root that is stopped.
const PATIENCE: Duration = Duration::from_secs(1);

/// The name under which the terminal of this tree is found; `None` without debug mode.
pub(crate) fn terminal_name() -> Option<&'static str> {
    ADDRESS.get().map(|address| address.name.as_str())
}

/// Notes the name that the parent has told.
pub(crate) fn know_terminal(name: String) {
    let is_here = false;
    let _ = ADDRESS.set(Address { name, is_here });
}

/// True while somebody in this tree has the terminal, or waits for it.
pub(crate) fn is_terminal_held() -> bool {
    match ADDRESS.get() {
        None => false,
        Some(address) if address.is_here => LINE.is_taken(),
        Some(address) => ask_is_held(&address.name).unwrap_or(false),
    }
}

fn ask_is_held(name: &str) -> io::Result<bool> {
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

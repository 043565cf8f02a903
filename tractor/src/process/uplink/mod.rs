//! A way from every actor to the root of its tree, for what is told without being asked: log lines and
//! finished spans.
//!
//! ```text
//!   actor ──┐
//!   actor ──┼─ one socket ──▶ root     a thread of its own reads, one message at a time
//!   actor ──┘
//! ```
//!
//! All processes of a tree inherit one end of one socket, once there is somebody who wants to hear them.
//! A message is one packet: it is never torn, those of one process stay in order, and what was sent before
//! a process died arrives. The kernel's buffer is the bound (B1): where the root is slow, who sends waits.

mod root;

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, sendmsg};

pub(crate) use self::root::{flush_uplink, hear, open_uplink};

/// What a message is about; its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Parcel {
    /// A log line.
    Log = 1,
    /// A span that has ended.
    Span = 2,
}

/// The longest message in bytes, without the byte that tells what it is about.
pub(crate) const LONGEST: usize = 96 << 10;

/// No SIGPIPE, whatever the program has made of it; elsewhere std's default has to do.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FLAGS: MsgFlags = MsgFlags::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const FLAGS: MsgFlags = MsgFlags::empty();

/// An actor's end.
#[derive(Debug)]
pub(crate) struct Uplink {
    socket: OwnedFd,
}

/// The end of this process.
static UPLINK: OnceLock<Uplink> = OnceLock::new();

/// The way from this process to its root; `None` while nobody wants to hear of it.
pub(crate) fn uplink() -> Option<&'static Uplink> {
    UPLINK.get()
}

/// Notes the end that the parent has handed over.
pub(crate) fn know_uplink(socket: OwnedFd) {
    let _ = UPLINK.set(Uplink { socket });
}

impl Uplink {
    /// Sends one message, whole; waits where the root is slow.
    ///
    /// # Errors
    ///
    /// When it is longer than [`LONGEST`], and when the root is gone.
    pub(crate) fn send(&self, parcel: Parcel, message: &[u8]) -> io::Result<()> {
        if message.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.send_packet(parcel as u8, message)
    }

    fn send_packet(&self, first: u8, rest: &[u8]) -> io::Result<()> {
        let first = [first];
        let packet = [IoSlice::new(&first), IoSlice::new(rest)];
        loop {
            match sendmsg::<()>(self.socket.as_raw_fd(), &packet, &[], FLAGS, None) {
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(()),
            }
        }
    }
}

impl AsFd for Uplink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

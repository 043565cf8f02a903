//! Frames over bytes: how a link's messages travel.
//!
//! A [`Carrier`] is any ordered, reliable stream of bytes. The parent-child link is a socketpair
//! that the child inherits (N1: nothing listens, there is no path and no port), and through which it
//! is given the memory that the two share, if there is some: then the bytes go through that. Tests
//! use memory of one process.

mod crowd;
mod frames;
mod look;
mod plain;
mod shared;
mod socket;
mod stream;
mod unix;

use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) use self::crowd::{Elsewhere, know_processors, processors};
pub(crate) use self::frames::Frames;
pub(crate) use self::plain::SocketStream;
#[cfg(fuzzing)]
pub(crate) use self::shared::survive;
pub(crate) use self::shared::{Mapping, SharedStream, Side, allocate};
pub(crate) use self::socket::Socket;
pub(crate) use self::stream::LinkStream;
pub(crate) use self::unix::socketpair;

/// An ordered, reliable stream of bytes in both directions.
pub(crate) trait Carrier: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> Carrier for C {}

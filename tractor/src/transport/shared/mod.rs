//! A carrier through memory that both ends map.
//!
//! ```text
//!   parent ──Writer──▶ ring ──Reader──▶ child        bytes, without a system call
//!   parent ◀─Reader─── ring ◀─Writer─── child
//!   parent ◀═════════ socket ═════════▶ child        a byte for a sleeper, and the lifeline
//! ```
//!
//! Each direction has a [ring](ring). An end that waits sleeps on the socket which the link is: a peer
//! that has done what a sleeper waits for writes a byte there, a *bell*. Before it sleeps, it looks
//! for a while whether something has come ([watch](watch)). The death of a peer shows
//! as ever, by the end of the socket; what it had written before is still in the ring.

#[cfg(any(test, fuzzing))]
mod attack;
mod header;
mod memory;
mod ring;
mod watch;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;

#[cfg(fuzzing)]
pub(crate) use self::attack::survive;
use self::header::End;
pub(crate) use self::memory::{Mapping, allocate};
use self::ring::{Reader, Ring, Writer};
use self::watch::{Place, Wait};
use super::Socket;

/// Which end of a link this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Parent,
    Child,
}

/// One end of a link through shared memory.
///
/// Both directions belong to one task: it is the one that is woken.
#[derive(Debug)]
pub(crate) struct SharedStream {
    socket: Socket,
    hung_up: bool,
    reader: Reader,
    writer: Writer,
}

impl SharedStream {
    pub(crate) fn new(socket: Socket, mapping: Mapping, side: Side) -> Self {
        Self::over(socket, Ring::both(mapping), side)
    }

    /// Both ends, in this process.
    #[cfg(test)]
    fn pair((parent, child): (Socket, Socket), mapping: Mapping) -> (Self, Self) {
        let rings = Ring::both(mapping);
        let parent = Self::over(parent, rings.clone(), Side::Parent);
        (parent, Self::over(child, rings, Side::Child))
    }

    fn over(socket: Socket, [down, up]: [Ring; 2], side: Side) -> Self {
        let place = |end| Place::new(down.clone(), end);
        let (place, inbound, outbound) = match side {
            Side::Parent => (place(End::Writer), up, down),
            Side::Child => (place(End::Reader), down, up),
        };
        Self {
            socket,
            hung_up: false,
            reader: Reader::new(inbound, place.clone()),
            writer: Writer::new(outbound, place),
        }
    }

    /// Wakes the peer.
    fn ring_the_bell(&self) {
        // If there is no room for another, enough of them wait to be heard.
        self.socket.nudge();
    }

    /// Waits for the bell, or for the end.
    fn poll_bell(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 64];
        let mut buffer = ReadBuf::new(&mut bytes);
        match ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buffer)) {
            Ok(()) => self.hung_up = buffer.filled().is_empty(),
            // It has died with a bell unheard.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => self.hung_up = true,
            Err(error) => return Poll::Ready(Err(error)),
        }
        // It may have been rung for the other direction.
        cx.waker().wake_by_ref();
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for SharedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let progress = ready!(coop::poll_proceed(cx));
        loop {
            // What a dead peer had written is seen by whoever has seen its end.
            let hung_up = this.hung_up;
            let read = this.reader.read(buffer)?;
            if read > 0 && this.reader.wakes_writer() {
                this.ring_the_bell();
            }
            if read > 0 || hung_up {
                progress.made_progress();
                return Poll::Ready(Ok(()));
            }
            match this.reader.wait(cx) {
                Wait::Over => {}
                Wait::Looks => return Poll::Pending,
                Wait::Sleeps => ready!(this.poll_bell(cx))?,
            }
        }
    }
}

impl AsyncWrite for SharedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let progress = ready!(coop::poll_proceed(cx));
        loop {
            if this.hung_up {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            let written = this.writer.write(bytes)?;
            if written > 0 || bytes.is_empty() {
                if this.writer.wakes_reader() {
                    this.ring_the_bell();
                }
                progress.made_progress();
                return Poll::Ready(Ok(written));
            }
            match this.writer.wait(cx) {
                Wait::Over => {}
                Wait::Looks => return Poll::Pending,
                Wait::Sleeps => ready!(this.poll_bell(cx))?,
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;

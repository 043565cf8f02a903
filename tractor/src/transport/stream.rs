//! Whatever carries the frames of a link.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Mapping, SharedStream, Side, Socket, SocketStream};

/// What carries the frames between a parent and a child, once both are ready.
#[derive(Debug)]
pub(crate) enum LinkStream {
    Socket(SocketStream),
    Shared(Box<SharedStream>),
}

impl LinkStream {
    /// The link over `socket`, through `memory` if it has some.
    pub(crate) fn new(socket: Socket, memory: Option<Mapping>, side: Side) -> Self {
        match memory {
            Some(mapping) => Self::Shared(Box::new(SharedStream::new(socket, mapping, side))),
            None => Self::Socket(SocketStream::new(socket)),
        }
    }
}

impl AsyncRead for LinkStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Shared(shared) => Pin::new(shared).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for LinkStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Shared(shared) => Pin::new(shared).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Shared(shared) => Pin::new(shared).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Socket(socket) => socket.is_write_vectored(),
            Self::Shared(shared) => shared.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_flush(cx),
            Self::Shared(shared) => Pin::new(shared).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Socket(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Shared(shared) => Pin::new(shared).poll_shutdown(cx),
        }
    }
}

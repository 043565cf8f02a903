//! A bare Unix socket between two threads that block on it.

use std::io::{IoSlice, Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, bail};
use bytes::Bytes;

use super::head::{Head, first_word};
use crate::answer;
use crate::peer::Peer;
use crate::peer::server::scope;

/// One end.
pub(crate) struct Blocking {
    socket: UnixStream,
    pid: u32,
}

impl Blocking {
    /// What `serve` is told.
    pub(crate) const NAME: &str = "std";

    async fn connect(socket: UnixStream, pid: u32) -> Result<Self> {
        Ok(Self { socket, pid })
    }

    fn request(&self, head: &Head, payload: &[u8]) -> Result<u64> {
        let head = head.encode();
        write_both(&self.socket, &head, payload)?;
        let mut answer = [0; Head::SIZE];
        (&self.socket).read_exact(&mut answer)?;
        Ok(first_word(&answer))
    }
}

impl Peer for Blocking {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        scope(Self::NAME, count, Self::connect, body).await
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.pid)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        self.request(&Head::Echo(n), &[])
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64> {
        let size = bytes.len();
        self.request(&Head::Bytes { stride, size }, &bytes)
    }
}

/// Answers until the caller hangs up.
pub(crate) fn serve(mut socket: UnixStream) -> Result<()> {
    let mut head = [0; Head::SIZE];
    let mut message = Vec::new();
    // An error is the end of the socket.
    while socket.read_exact(&mut head).is_ok() {
        let answer = match Head::decode(&head) {
            Head::Echo(n) => answer::echo(n),
            Head::Bytes { stride, size } => {
                message.resize(size, 0);
                socket.read_exact(&mut message)?;
                answer::bytes(&message, stride)
            }
            Head::Items(_) => bail!("no streams"),
        };
        socket.write_all(&Head::Echo(answer).encode())?;
    }
    Ok(())
}

/// Writes one after the other, at once if possible.
fn write_both(mut socket: &UnixStream, first: &[u8], second: &[u8]) -> Result<()> {
    let mut slices = [IoSlice::new(first), IoSlice::new(second)];
    let mut left = &mut slices[..];
    // Takes away what is empty from the beginning.
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        let written = socket.write_vectored(left)?;
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}

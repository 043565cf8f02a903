//! A bare Unix socket between two tokio runtimes of one thread each.

use std::cell::RefCell;
use std::os::unix::net::UnixStream as Socket;

use anyhow::Result;
use bytes::{Buf, Bytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::UnixStream;

use super::head::{Head, first_word};
use crate::answer;
use crate::payload::ITEM;
use crate::peer::Peer;
use crate::peer::server::{nonblocking, scope};

/// What is read and written at once while items pour.
const CHUNK: usize = 64 << 10;

/// More than a head: a read that does not fill its buffer tells tokio that the socket is empty,
/// and saves the one that would find that out.
const ROOM: usize = 64;

/// One end.
pub(crate) struct Tokio {
    socket: RefCell<UnixStream>,
    pid: u32,
}

impl Tokio {
    /// What `serve` is told.
    pub(crate) const NAME: &str = "tokio";

    async fn connect(socket: Socket, pid: u32) -> Result<Self> {
        let socket = RefCell::new(nonblocking(socket)?);
        Ok(Self { socket, pid })
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "there is one request at a time"
    )]
    async fn request(&self, head: Head, payload: &[u8]) -> Result<u64> {
        let mut socket = self.socket.borrow_mut();
        let head = head.encode();
        socket
            .write_all_buf(&mut Buf::chain(&head[..], payload))
            .await?;
        let (answer, _, _) = read_head(&mut socket).await?;
        Ok(first_word(&answer))
    }
}

impl Peer for Tokio {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        scope(Self::NAME, count, Self::connect, body).await
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.pid)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        self.request(Head::Echo(n), &[]).await
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64> {
        let size = bytes.len();
        self.request(Head::Bytes { stride, size }, &bytes).await
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "there is one request at a time"
    )]
    async fn items(&self, count: u64, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut socket = self.socket.borrow_mut();
        socket.write_all(&Head::Items(count).encode()).await?;
        let mut left = usize::try_from(count)? * ITEM;
        let mut chunk = vec![0; CHUNK];
        while left > 0 {
            let read = &mut chunk[..left.min(CHUNK)];
            socket.read_exact(read).await?;
            left -= read.len();
            read.chunks(ITEM).try_for_each(&mut each)?;
        }
        Ok(())
    }
}

/// Answers until the caller hangs up.
pub(crate) async fn serve(socket: Socket) -> Result<()> {
    let mut socket = nonblocking(socket)?;
    let mut message = Vec::new();
    // An error is the end of the socket.
    while let Ok((head, rest, more)) = read_head(&mut socket).await {
        let answer = match Head::decode(&head) {
            Head::Echo(n) => answer::echo(n),
            Head::Bytes { stride, size } => {
                message.resize(size, 0);
                message[..more].copy_from_slice(&rest[..more]);
                socket.read_exact(&mut message[more..]).await?;
                answer::bytes(&message, stride)
            }
            Head::Items(count) => {
                pour(&mut socket, count).await?;
                continue;
            }
        };
        socket.write_all(&Head::Echo(answer).encode()).await?;
    }
    Ok(())
}

async fn pour(socket: &mut UnixStream, count: u64) -> Result<()> {
    let mut socket = BufWriter::with_capacity(CHUNK, socket);
    for item in answer::items(count) {
        socket.write_all(&item).await?;
    }
    Ok(socket.flush().await?)
}

/// A head, and how much has been read of what follows it.
type Read = ([u8; Head::SIZE], [u8; ROOM - Head::SIZE], usize);

async fn read_head(socket: &mut UnixStream) -> Result<Read> {
    let mut buffer = [0; ROOM];
    let mut filled = 0;
    while filled < Head::SIZE {
        match socket.read(&mut buffer[filled..]).await? {
            0 => anyhow::bail!("hung up"),
            read => filled += read,
        }
    }
    let head = std::array::from_fn(|i| buffer[i]);
    let rest = std::array::from_fn(|i| buffer[Head::SIZE + i]);
    Ok((head, rest, filled - Head::SIZE))
}

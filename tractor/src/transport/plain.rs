//! A carrier through the socket alone.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;

use super::Socket;
use super::crowd::{give_way, is_elsewhere};
use super::look::Looks;

/// One end of a link through a socket.
///
/// Both directions belong to one task: it is the one that is woken.
#[derive(Debug)]
pub(crate) struct SocketStream {
    socket: Socket,
    looks: Looks,
}

impl SocketStream {
    pub(crate) fn new(socket: Socket) -> Self {
        Self {
            socket,
            looks: Looks::new(),
        }
    }
}

impl AsyncRead for SocketStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { socket, looks } = self.get_mut();
        let mut socket = Pin::new(socket);
        if !looks.are_under_way() {
            let read = socket.as_mut().poll_read(cx, buffer);
            if read.is_ready() || is_elsewhere() || !looks.begin(Instant::now()) {
                return read;
            }
        }
        let progress = ready!(coop::poll_proceed(cx));
        if let Poll::Ready(read) = socket.try_read(buffer) {
            looks.succeed();
            progress.made_progress();
            return Poll::Ready(read);
        }
        // Nobody knows here whether there is a crowd.
        if looks.go_on(cx, |now| is_elsewhere() || give_way(now)) {
            return Poll::Pending;
        }
        match socket.try_read(buffer) {
            // From here on it is the runtime that wakes the task.
            Poll::Pending => socket.poll_read(cx, buffer),
            read => read,
        }
    }
}

impl AsyncWrite for SocketStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::hint;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::{Duration, Instant};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::SocketStream;
    use crate::transport::Socket;

    /// How long this machine may have other things to do.
    const PATIENCE: Duration = Duration::from_secs(60);

    const CALLS: u32 = 2_000;

    /// A peer that works for some microseconds before it answers: more or less than it is looked.
    fn answer(mut peer: UnixStream) {
        let mut call = [0; 4];
        while peer.read_exact(&mut call).is_ok() {
            let number = u32::from_le_bytes(call);
            let work = Duration::from_micros(u64::from(number * 7 % 250));
            let began = Instant::now();
            while began.elapsed() < work {
                hint::spin_loop();
            }
            let answered = peer.write_all(&(number + 1).to_le_bytes());
            answered.expect("the caller waits");
        }
    }

    #[tokio::test]
    async fn answers_come_while_it_looks_and_while_it_sleeps() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let peer = thread::spawn(move || answer(theirs));
        let mut link = SocketStream::new(Socket::new(ours).expect("a runtime"));
        let calls = async {
            for number in 0..CALLS {
                link.write_u32_le(number).await.expect("there is room");
                let answer = link.read_u32_le().await.expect("the peer answers");
                assert_eq!(answer, number + 1);
            }
        };
        timeout(PATIENCE, calls)
            .await
            .expect("nothing is overheard");
        drop(link);
        peer.join().expect("it ends with the link");
    }

    #[tokio::test]
    async fn end_is_seen_while_it_looks() {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let mut link = SocketStream::new(Socket::new(ours).expect("a runtime"));
        let close = async { drop(theirs) };
        let (read, ()) = tokio::join!(link.read_u8(), close);
        let error = read.expect_err("nobody is there");
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    }
}

//! One end of a socketpair, for one task.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, send, sendmsg};
use socket2::SockRef;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

/// One end of a socketpair.
///
/// The kernel tells a process that its peer has read what it wrote, if it wants to know that a socket
/// can be written to: a sleeper is woken for nothing, once for every message. This end wants to know it
/// only while something waits to be written; tokio's own would always.
///
/// Both directions belong to one task: it is the one that is woken.
#[derive(Debug)]
pub(crate) struct Socket {
    /// `None` once it could not be registered again.
    registered: Option<AsyncFd<UnixStream>>,
    /// How many more writes have to succeed at once before nobody wants to know any more whether there is
    /// room; 0 when nobody does.
    room_wanted: u32,
    /// Whether the runtime may not know yet of what there is to read: it has just been registered.
    unheard: bool,
}

/// Who has had to wait for room will have to again soon, and a registration takes two system calls.
const WRITES: u32 = 64;

/// No SIGPIPE, whatever the program has made of it; elsewhere std's default has to do.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT.union(MsgFlags::MSG_NOSIGNAL);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const FLAGS: MsgFlags = MsgFlags::MSG_DONTWAIT;

impl Socket {
    /// Registers `socket` with the runtime of this thread.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub(crate) fn new(socket: UnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            registered: Some(watch(socket, Interest::READABLE)?),
            room_wanted: 0,
            unheard: true,
        })
    }

    /// Two connected ends.
    #[cfg(test)]
    pub(crate) fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = UnixStream::pair()?;
        Ok((Self::new(one)?, Self::new(other)?))
    }

    /// Writes a byte, unless there are so many already that there is no room for it.
    pub(super) fn nudge(&self) {
        // That the peer is gone is learnt by reading.
        let _ = self.write(&[IoSlice::new(&[0])]);
    }

    /// Reads what is there, if anything is, without asking the runtime.
    pub(super) fn try_read(&mut self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match receive(self.registered()?.get_ref(), buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.unheard = false;
                Poll::Pending
            }
            received => Poll::Ready(received.map(drop)),
        }
    }

    /// What the runtime watches.
    fn registered(&self) -> io::Result<&AsyncFd<UnixStream>> {
        let unwatched = || io::Error::other("the runtime has ceased to watch the socket");
        self.registered.as_ref().ok_or_else(unwatched)
    }

    /// Changes what the task is woken for.
    fn register(&mut self, interest: Interest, cx: &Context<'_>) -> io::Result<()> {
        if let Some(registered) = self.registered.take() {
            let socket = registered.into_inner();
            self.registered = Some(watch(socket, interest)?);
        }
        // It may wait for something to read, and has to say so again.
        self.unheard = true;
        cx.waker().wake_by_ref();
        Ok(())
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let socket = self.registered()?.as_raw_fd();
        loop {
            let written = match slices {
                [only] => send(socket, only, FLAGS),
                _ => sendmsg::<()>(socket, slices, &[], FLAGS, None),
            };
            match written {
                Err(Errno::EINTR) => {}
                written => return Ok(written?),
            }
        }
    }

    fn poll_write_slices(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let size: usize = slices.iter().map(|slice| slice.len()).sum();
        loop {
            let written = match self.room_wanted {
                0 => self.write(slices),
                _ => {
                    let mut room = ready!(self.registered()?.poll_write_ready(cx))?;
                    let written = self.write(slices);
                    if !matches!(written, Ok(written) if written == size) {
                        room.clear_ready();
                    }
                    written
                }
            };
            match written {
                Ok(written) if written == size => {
                    self.had_room(cx)?;
                    return Poll::Ready(Ok(written));
                }
                Ok(written) => {
                    self.had_no_room(cx)?;
                    return Poll::Ready(Ok(written));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.had_no_room(cx)?,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn had_room(&mut self, cx: &Context<'_>) -> io::Result<()> {
        match self.room_wanted {
            0 => return Ok(()),
            1 => self.register(Interest::READABLE, cx)?,
            _ => {}
        }
        self.room_wanted -= 1;
        Ok(())
    }

    fn had_no_room(&mut self, cx: &Context<'_>) -> io::Result<()> {
        if self.room_wanted == 0 {
            self.register(Interest::READABLE | Interest::WRITABLE, cx)?;
        }
        self.room_wanted = WRITES;
        Ok(())
    }
}

#[expect(
    unsafe_code,
    reason = "the runtime has to be promised that the descriptor stays"
)]
fn watch(socket: UnixStream, interest: Interest) -> io::Result<AsyncFd<UnixStream>> {
    // SAFETY: a `UnixStream` owns its descriptor, which is the same as long as it lives.
    Ok(unsafe { AsyncFd::register_with_interest(socket, interest) }?)
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // Nothing to read has to mean that there is nothing, and not that nobody has looked.
        if this.unheard
            && let Poll::Ready(read) = this.try_read(buffer)
        {
            return Poll::Ready(read);
        }
        let registered = this.registered()?;
        loop {
            let mut ready = ready!(registered.poll_read_ready(cx))?;
            let room = buffer.remaining();
            match receive(registered.get_ref(), buffer) {
                Ok(count) => {
                    // Fewer bytes than there was room for are all that there were; the end stays.
                    if (1..room).contains(&count) {
                        ready.clear_ready();
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

#[expect(
    unsafe_code,
    reason = "there is no safe way to fill a buffer that is not initialised"
)]
fn receive(socket: &UnixStream, buffer: &mut ReadBuf<'_>) -> io::Result<usize> {
    // SAFETY: nothing in it that is initialised becomes uninitialised.
    let room = unsafe { buffer.unfilled_mut() };
    let count = loop {
        match SockRef::from(socket).recv(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            received => break received?,
        }
    };
    // SAFETY: so many bytes were written there.
    unsafe { buffer.assume_init(count) };
    buffer.advance(count);
    Ok(count)
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_slices(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_slices(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.registered()?.get_ref();
        Poll::Ready(socket.shutdown(Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::io;
    use std::task::Poll;
    use std::time::Duration;

    use futures_util::future::poll_immediate;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, split};
    use tokio::time::sleep;

    use super::{Socket, WRITES};

    /// How long this machine may have other things to do.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// More than fits into a socket.
    const LARGE: usize = 3 << 20;

    fn pattern(length: usize, seed: usize) -> Vec<u8> {
        let byte = |at: usize| u8::try_from((at / 7 + seed) % 251).expect("a byte");
        (0..length).map(byte).collect()
    }

    /// Writes and reads so much at the same time, in one task.
    async fn exchange(socket: Socket, seed: usize) -> (Socket, Vec<u8>) {
        let (mut reader, mut writer) = split(socket);
        let sent = pattern(LARGE, seed);
        let mut received = vec![0; LARGE];
        let (written, read) =
            tokio::join!(writer.write_all(&sent), reader.read_exact(&mut received));
        written.expect("the peer reads");
        read.expect("the peer writes");
        (reader.unsplit(writer), received)
    }

    #[tokio::test]
    async fn full_socket_goes_on_in_both_directions() {
        let (one, other) = Socket::pair().expect("a pair");
        let ((one, from_other), (other, from_one)) =
            tokio::join!(exchange(one, 1), exchange(other, 2));
        assert!(from_other == pattern(LARGE, 2) && from_one == pattern(LARGE, 1));
        assert!(one.room_wanted > 0 && other.room_wanted > 0);
    }

    #[tokio::test]
    async fn room_is_not_watched_for_ever() {
        let (one, mut other) = Socket::pair().expect("a pair");
        let (mut one, _) = {
            let echo = async {
                let mut received = vec![0; LARGE];
                other.read_exact(&mut received).await.expect("all of it");
                other.write_all(&received).await.expect("the peer reads");
            };
            tokio::join!(exchange(one, 3), echo).0
        };
        for _ in 0..WRITES {
            one.write_all(b"few").await.expect("there is room");
            other.read_exact(&mut [0; 3]).await.expect("they are there");
        }
        assert_eq!(one.room_wanted, 0);
        let (heard, said) = tokio::join!(one.read_u8(), other.write_u8(7));
        said.expect("there is room");
        assert_eq!(heard.expect("it is still watched for that"), 7);
    }

    #[tokio::test]
    async fn waiting_for_room_keeps_no_one_from_reading() {
        let (one, mut other) = Socket::pair().expect("a pair");
        let (mut reader, mut writer) = split(one);
        let unread = pattern(LARGE, 4);
        let heard = tokio::select! {
            biased;
            // First, so that it is not this that wakes the reader.
            () = sleep(PATIENCE) => panic!("the reader is not woken"),
            heard = reader.read_u8() => heard.expect("the peer has written"),
            _ = writer.write_all(&unread) => unreachable!("nobody reads so much"),
            () = async {
                other.write_u8(7).await.expect("there is room");
                pending::<()>().await;
            } => unreachable!("it never ends"),
        };
        assert_eq!(heard, 7);
    }

    #[tokio::test]
    async fn what_has_come_is_read_right_after_a_registration() {
        let (mut one, mut other) = Socket::pair().expect("a pair");
        other.write_u8(7).await.expect("there is room");
        // The runtime has no chance to look.
        let registered = poll_fn(|cx| Poll::Ready(one.register(Interest::READABLE, cx)));
        registered.await.expect("it can be watched");
        let heard = poll_immediate(one.read_u8()).await;
        assert_eq!(
            heard.expect("it is there").expect("the peer has written"),
            7
        );
    }

    #[tokio::test]
    async fn end_is_read_behind_what_was_written() {
        let (mut one, mut other) = Socket::pair().expect("a pair");
        other.write_all(b"last").await.expect("there is room");
        drop(other);
        let mut words = Vec::new();
        one.read_to_end(&mut words).await.expect("then the end");
        assert_eq!(words, b"last");
        let refused = one
            .write_all(b"too late")
            .await
            .expect_err("nobody is there");
        assert_eq!(refused.kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn nudges_never_wait() {
        let (one, mut other) = Socket::pair().expect("a pair");
        for _ in 0..10_000 {
            one.nudge();
        }
        drop(one);
        let mut heard = Vec::new();
        other.read_to_end(&mut heard).await.expect("then the end");
        assert!((1..10_000).contains(&heard.len()));
    }
}

//! The process of a peer that does not start one itself: this same program, told to serve.

use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::sync::oneshot;

/// A child whose stdin is the other end of a socket. It ends when the socket closes.
pub(crate) struct Server {
    child: Child,
    socket: UnixStream,
}

impl Server {
    /// Starts a server of this name, with further arguments, and returns this side of the socket.
    fn start(name: &str, arguments: &[String]) -> Result<(Self, UnixStream)> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new("/proc/self/exe");
        command.arg("serve").arg(name).args(arguments);
        command.stdin(Stdio::from(OwnedFd::from(theirs)));
        #[expect(clippy::disallowed_methods, reason = "it is not an actor")]
        let child = command.spawn().context("starting a server")?;
        let socket = ours.try_clone()?;
        Ok((Self { child, socket }, ours))
    }

    fn hang_up(&self) {
        // It fails if the server has been quicker.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.hang_up();
        if let Err(error) = self.child.wait() {
            eprintln!("a server is not reaped: {error}");
        }
    }
}

/// Starts servers, connects to each, and ends and reaps them after `body`.
///
/// `connect` gets this side of a server's socket and its process id.
pub(crate) async fn scope<P, R>(
    name: &str,
    count: usize,
    connect: impl AsyncFn(UnixStream, u32) -> Result<P>,
    body: impl AsyncFnOnce(&[P]) -> Result<R>,
) -> Result<R> {
    let mut servers = Vec::new();
    let mut sockets = Vec::new();
    for _ in 0..count {
        let (server, socket) = Server::start(name, &[])?;
        servers.push(server);
        sockets.push(socket);
    }
    let mut peers = Vec::new();
    for (server, socket) in servers.iter().zip(sockets) {
        peers.push(connect(socket, server.child.id()).await?);
    }
    let result = body(&peers).await;
    drop(peers);
    servers.iter().for_each(Server::hang_up);
    result
}

/// Starts one server that connects by a name which it is given.
pub(crate) fn start_named(name: &str, meeting: String) -> Result<(Server, u32)> {
    let (server, _) = Server::start(name, &[meeting])?;
    let pid = server.child.id();
    Ok((server, pid))
}

/// The other side, in the server.
pub(crate) fn stdin() -> Result<UnixStream> {
    let socket = std::io::stdin().as_fd().try_clone_to_owned()?;
    Ok(socket.into())
}

/// A socket as tokio wants it.
pub(crate) fn nonblocking(socket: UnixStream) -> Result<tokio::net::UnixStream> {
    socket.set_nonblocking(true)?;
    Ok(tokio::net::UnixStream::from_std(socket)?)
}

/// Waits until the other side hangs up, for a server that does not notice it.
pub(crate) fn hang_up(socket: &UnixStream) -> Result<impl Future<Output = ()> + use<>> {
    let (hung_up, closed) = oneshot::channel::<()>();
    let watched = socket.try_clone()?;
    std::thread::spawn(move || {
        let mut socket = [PollFd::new(watched.as_fd(), PollFlags::empty())];
        while poll(&mut socket, PollTimeout::NONE).is_err() {}
        drop(hung_up);
    });
    Ok(async { drop(closed.await) })
}

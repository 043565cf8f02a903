//! Sockets with an *abstract* name (N1).
//!
//! They leave no file behind. Such names are no secret, and anybody on the machine may connect; both ends
//! ask the kernel who is at the other one, and hang up on whom they do not want.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};

use nix::unistd::geteuid;

/// True of a user who could as well trace this process.
pub(super) fn is_welcome(uid: u32) -> bool {
    uid == 0 || uid == geteuid().as_raw()
}

/// Who is at the other end of a socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) pid: i32,
    pub(super) uid: u32,
}

/// Listens at `name`.
///
/// # Errors
///
/// What the kernel refuses; there are no such names but on Linux.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn listen(name: &str) -> io::Result<UnixListener> {
    UnixListener::bind_addr(&address(name)?)
}

/// Connects to whoever listens at `name`.
///
/// # Errors
///
/// What the kernel refuses; and when it is another user that listens.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn connect(name: &str) -> io::Result<UnixStream> {
    let stream = UnixStream::connect_addr(&address(name)?)?;
    match is_welcome(peer(&stream)?.uid) {
        true => Ok(stream),
        false => Err(io::ErrorKind::PermissionDenied.into()),
    }
}

/// Who is at the other end.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn peer(stream: &UnixStream) -> io::Result<Peer> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};

    let peer = getsockopt(stream, PeerCredentials)?;
    Ok(Peer {
        pid: peer.pid(),
        uid: peer.uid(),
    })
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn address(name: &str) -> io::Result<std::os::unix::net::SocketAddr> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    std::os::unix::net::SocketAddr::from_abstract_name(name)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn listen(_name: &str) -> io::Result<UnixListener> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn connect(_name: &str) -> io::Result<UnixStream> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn peer(_stream: &UnixStream) -> io::Result<Peer> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use nix::unistd::geteuid;

    use super::is_welcome;

    #[test]
    fn only_its_user_and_root_are_welcome() {
        let me = geteuid().as_raw();
        assert!(is_welcome(me) && is_welcome(0));
        assert!(!is_welcome(me + 1));
    }
}

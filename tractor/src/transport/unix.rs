//! The socketpair between a parent and a child, which nobody else can reach (N1).

use std::io;
use std::os::unix::net::UnixStream;

/// Two connected ends, neither of which survives an `exec` (std sets close-on-exec atomically).
pub(crate) fn socketpair() -> io::Result<(UnixStream, UnixStream)> {
    UnixStream::pair()
}

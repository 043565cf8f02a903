//! A socket by which others look into this process (N1).
//!
//! It has an [abstract name](super::abstract_socket). The command looks that up by the descriptors that
//! the process has, which the kernel shows to nobody who might not trace it.

use std::io;

use tokio::net::{UnixListener, UnixStream};

use super::abstract_socket::{is_welcome, listen};

#[cfg(feature = "cli")]
pub(crate) use self::visitor::{find_window, look_in};

/// What the names of such sockets begin with; 16 hexadecimal digits follow.
const NAME: &str = "tractor-window-";

/// The listening end.
#[derive(Debug)]
pub(crate) struct Window(UnixListener);

impl Window {
    /// Listens, for those who may look into this process.
    ///
    /// # Errors
    ///
    /// What the kernel refuses; there are no such names but on Linux.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub(crate) fn open() -> io::Result<Self> {
        let listener = listen(&format!("{NAME}{:016x}", crate::base::random()))?;
        listener.set_nonblocking(true)?;
        Ok(Self(UnixListener::from_std(listener)?))
    }

    /// The next one who may look in.
    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.0.accept().await?;
            let by = stream.peer_cred()?.uid();
            if is_welcome(by) {
                return Ok(stream);
            }
            // Not louder: whoever is refused could fill the log.
            tracing::debug!(uid = by, "refused to let another user look in");
        }
    }
}

/// The way to the window of another process.
#[cfg(feature = "cli")]
mod visitor {
    use std::collections::HashSet;
    use std::fs;
    use std::io;

    use socket2::{Domain, SockAddr, Socket, Type};
    use tokio::net::UnixStream;

    use super::NAME;

    /// The name of the window of the process `pid`; `None` when it has none.
    ///
    /// # Errors
    ///
    /// When there is no such process, or it is not for this one to look at.
    pub(crate) fn find_window(pid: u32) -> io::Result<Option<String>> {
        let mut sockets = HashSet::new();
        for descriptor in fs::read_dir(format!("/proc/{pid}/fd"))? {
            // One may be closed meanwhile.
            let Ok(leads_to) = fs::read_link(descriptor?.path()) else {
                continue;
            };
            let leads_to = leads_to.to_string_lossy();
            let inode = leads_to.strip_prefix("socket:[");
            sockets.extend(inode.map(|inode| inode.trim_end_matches(']').to_owned()));
        }
        if sockets.is_empty() {
            return Ok(None);
        }
        // Others name their sockets as they like.
        let table = fs::read(format!("/proc/{pid}/net/unix"))?;
        Ok(find_name(&String::from_utf8_lossy(&table), &sockets))
    }

    /// The name of a window among the sockets with these inodes; see `proc_net(5)`.
    pub(super) fn find_name(table: &str, inodes: &HashSet<String>) -> Option<String> {
        table.lines().find_map(|line| {
            // Num RefCount Protocol Flags Type St Inode Path; `@` is for what is abstract.
            let mut fields = line.split_whitespace().skip(6);
            let inode = fields.next()?;
            let name = fields.next()?.strip_prefix('@')?;
            let digits = name.strip_prefix(NAME)?;
            let is_window =
                digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            (is_window && inodes.contains(inode)).then(|| name.to_owned())
        })
    }

    /// Connects to the window of the process `pid` that has this name.
    ///
    /// # Errors
    ///
    /// What the kernel refuses: [`WouldBlock`](io::ErrorKind::WouldBlock) when so many wait already that
    /// there is no room for another. And when the window is that of another process.
    pub(crate) fn look_in(pid: u32, window: &str) -> io::Result<UnixStream> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(format!("\0{window}"))?)?;
        let stream = UnixStream::from_std(socket.into())?;
        match stream.peer_cred()?.pid() {
            Some(other) if u32::try_from(other).is_ok_and(|other| other != pid) => {
                let message = format!("it is process {other} that listens there");
                Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
            }
            _ => Ok(stream),
        }
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    #[test]
    fn window_is_told_from_other_sockets() {
        let name = format!("{}0123456789abcdef", super::NAME);
        let row =
            |inode: u32, name: &str| format!("0000: 00000002 0 00010000 0001 01 {inode} {name}\n");
        let table = [
            row(1, ""),
            row(2, "/run/a socket"),
            row(3, "@tractor-window-short"),
            row(4, &format!("@{name}")),
        ];
        let find = |inode: u32| {
            let inodes = [inode.to_string()].into_iter().collect();
            super::visitor::find_name(&table.concat(), &inodes)
        };
        assert_eq!([1, 2, 3, 5].map(find), [const { None }; 4]);
        assert_eq!(find(4), Some(name.clone()));
    }
}

//! The size of a terminal's window.

use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::libc::{TIOCGWINSZ, TIOCSWINSZ, ioctl};
use nix::pty::Winsize;

/// The size of a terminal's window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size(Winsize);

impl Size {
    /// That of `terminal`, unless it is gone.
    #[expect(unsafe_code, reason = "there is no safe way to ask for that")]
    pub(super) fn of(terminal: impl AsFd) -> Option<Self> {
        let mut size = Winsize {
            ws_row: 0,
            ws_col: 0,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // SAFETY: the kernel writes one `winsize` there, or nothing.
        let asked = unsafe { ioctl(terminal.as_fd().as_raw_fd(), TIOCGWINSZ, &raw mut size) };
        Errno::result(asked).is_ok().then_some(Self(size))
    }

    /// Gives it to `terminal`.
    ///
    /// # Errors
    ///
    /// When that is gone.
    #[expect(unsafe_code, reason = "there is no safe way to say that")]
    pub(super) fn give(self, terminal: impl AsFd) -> nix::Result<()> {
        // SAFETY: the kernel reads one `winsize` there.
        let given = unsafe { ioctl(terminal.as_fd().as_raw_fd(), TIOCSWINSZ, &raw const self.0) };
        Errno::result(given).map(drop)
    }

    fn numbers(self) -> [u16; 4] {
        let Winsize {
            ws_row,
            ws_col,
            ws_xpixel,
            ws_ypixel,
        } = self.0;
        [ws_row, ws_col, ws_xpixel, ws_ypixel]
    }
}

impl PartialEq for Size {
    fn eq(&self, other: &Self) -> bool {
        self.numbers() == other.numbers()
    }
}

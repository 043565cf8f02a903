//! What the terminal can show.

use std::env;
use std::io::{self, IsTerminal};
#[cfg(feature = "cli")]
use std::os::fd::AsFd;

/// True when what is written to stderr may be coloured.
pub(crate) fn stderr_takes_colours() -> bool {
    takes_colours(&io::stderr())
}

/// True when what is written there may be coloured; see <https://no-color.org>.
pub(crate) fn takes_colours(out: &impl IsTerminal) -> bool {
    out.is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The columns of what is written to; `None` of what is no terminal, or does not know.
#[cfg(feature = "cli")]
pub(crate) fn width(out: &impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(out).ok()?;
    Some(size.ws_col.into()).filter(|columns| *columns > 0)
}

//! What the terminal is to show.

use std::env;
use std::io::{self, IsTerminal};

/// True when what is written to stderr may be coloured.
pub(crate) fn stderr_takes_colours() -> bool {
    takes_colours(&io::stderr())
}

/// True when what is written there may be coloured; see <https://no-color.org>.
pub(crate) fn takes_colours(out: &impl IsTerminal) -> bool {
    out.is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

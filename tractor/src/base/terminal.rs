//! What the terminal is to show.

use std::env;
use std::io::{self, IsTerminal};

/// True when what is written to stderr may be coloured: it is a terminal, and `NO_COLOR` is unset
/// or empty.
pub(crate) fn stderr_takes_colours() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

//! An error over several lines, for a person to read.

use std::fmt::{self, Write};

use super::{Error, RemoteError};

/// Displays an error as a box of lines; made by [`Error::report`].
pub struct Report<'a> {
    error: &'a Error,
}

impl<'a> Report<'a> {
    pub(super) fn new(error: &'a Error) -> Self {
        Self { error }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error {
            Error::Remote(remote) => write_remote(f, remote),
            Error::Group(group) => {
                write!(f, "{} failures:", group.errors().len())?;
                for error in group.errors() {
                    write!(Lines::indented(f), "\n{}", error.report())?;
                }
                Ok(())
            }
            other => {
                write!(f, "{other}")?;
                let first = std::error::Error::source(other);
                for cause in std::iter::successors(first, |cause| cause.source()) {
                    write!(Lines::indented(f), "\ncaused by: {cause}")?;
                }
                Ok(())
            }
        }
    }
}

fn write_remote(f: &mut fmt::Formatter<'_>, error: &RemoteError) -> fmt::Result {
    write!(f, "{}", Error::from(error.clone()))?;
    f.write_str("\n╭─ ")?;
    match error.is_panic() {
        true => f.write_str("panic")?,
        false => f.write_str(error.type_name())?,
    }
    let mut lines = Lines::boxed(f);
    write!(lines, "\n{}", error.message())?;
    for cause in error.chain() {
        write!(lines, "\n  caused by: {cause}")?;
    }
    if let Some(location) = error.location() {
        write!(lines, "\nat {location}")?;
    }
    write!(lines, "\nin {}, actor {}", error.function(), error.origin())?;
    for context in error.context() {
        write!(lines, "\nwhile: {context}")?;
    }
    for aid in error.relay_path() {
        write!(lines, "\nrelayed by {aid}")?;
    }
    if let Some(backtrace) = error.backtrace() {
        write!(lines, "\nbacktrace:\n{}", backtrace.trim_end())?;
    }
    f.write_str("\n╰─")
}

/// Puts a margin before every line.
struct Lines<'a, 'f> {
    inner: &'a mut fmt::Formatter<'f>,
    margin: &'static str,
}

impl<'a, 'f> Lines<'a, 'f> {
    fn boxed(inner: &'a mut fmt::Formatter<'f>) -> Self {
        Self {
            inner,
            margin: "│ ",
        }
    }

    fn indented(inner: &'a mut fmt::Formatter<'f>) -> Self {
        Self {
            inner,
            margin: "  ",
        }
    }
}

impl Write for Lines<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut parts = text.split('\n');
        self.inner.write_str(parts.next().unwrap_or_default())?;
        for part in parts {
            write!(self.inner, "\n{}{part}", self.margin)?;
        }
        Ok(())
    }
}

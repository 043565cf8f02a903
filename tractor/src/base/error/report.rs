//! An error over several lines, for a person to read.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use nu_ansi_term::{Color, Style};

use super::{Error, RemoteError};

/// Displays an error as a box of lines; made by [`Error::report`].
#[must_use = "a report is there to be displayed"]
pub struct Report<'a> {
    error: &'a Error,
    palette: Palette,
    backtrace: bool,
}

/// How the parts of a report look.
#[derive(Debug, Clone, Copy, Default)]
struct Palette {
    /// What went wrong, in a line.
    title: Style,
    /// What frames the rest: lines and labels.
    frame: Style,
}

/// Whether `Debug` of an error is coloured.
static COLOURED_DEBUG: AtomicBool = AtomicBool::new(false);

/// Makes `Debug` of errors coloured from now on.
///
/// For the very end of a program, where std prints what `main` has returned: nobody asked for
/// colours in what a program prints itself.
pub(crate) fn colour_debug() {
    COLOURED_DEBUG.store(true, Ordering::Relaxed);
}

impl<'a> Report<'a> {
    pub(super) fn new(error: &'a Error) -> Self {
        Self {
            error,
            palette: Palette::default(),
            backtrace: true,
        }
    }

    /// As [`Debug`](fmt::Debug) shows it.
    pub(super) fn debug(error: &'a Error) -> Self {
        match COLOURED_DEBUG.load(Ordering::Relaxed) {
            true => Self::new(error).coloured(),
            false => Self::new(error),
        }
    }

    /// With colours, for a terminal.
    pub fn coloured(mut self) -> Self {
        self.palette = Palette {
            title: Color::Red.bold(),
            frame: Style::new().dimmed(),
        };
        self
    }

    /// Without the backtrace of a panic.
    pub(crate) fn without_backtrace(mut self) -> Self {
        self.backtrace = false;
        self
    }

    fn write_group(&self, f: &mut fmt::Formatter<'_>, errors: &'a [Error]) -> fmt::Result {
        let Palette { title, .. } = self.palette;
        let text = format!("{} failures:", errors.len());
        write!(f, "{}", title.paint(text))?;
        for error in errors {
            let mut lines = Lines::new(f, "  ", Style::new());
            write!(lines, "\n{}", Self { error, ..*self })?;
        }
        Ok(())
    }

    fn write_remote(&self, f: &mut fmt::Formatter<'_>, error: &RemoteError) -> fmt::Result {
        let Palette { title, frame } = self.palette;
        write!(f, "{}", title.paint(error.to_string()))?;
        let kind = match error.is_panic() {
            true => "panic",
            false => error.type_name(),
        };
        write!(f, "\n{}{kind}", frame.paint("╭─ "))?;
        let mut lines = Lines::new(f, "│ ", frame);
        write!(lines, "\n{}", error.message())?;
        for cause in error.chain() {
            write!(lines, "\n  {}{cause}", frame.paint("caused by: "))?;
        }
        if let Some(location) = error.location() {
            write!(lines, "\n{}{location}", frame.paint("at "))?;
        }
        let (function, origin) = (error.function(), error.origin());
        let (of, by) = (frame.paint("in "), frame.paint(", actor "));
        write!(lines, "\n{of}{function}{by}{origin}")?;
        for context in error.context() {
            write!(lines, "\n{}{context}", frame.paint("while: "))?;
        }
        for aid in error.relay_path() {
            write!(lines, "\n{}{aid}", frame.paint("relayed by "))?;
        }
        if let Some(backtrace) = error.backtrace().filter(|_| self.backtrace) {
            let backtrace = backtrace.trim_end();
            write!(lines, "\n{}\n{backtrace}", frame.paint("backtrace:"))?;
        }
        write!(f, "\n{}", frame.paint("╰─"))
    }

    fn write_local(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Palette { title, frame } = self.palette;
        write!(f, "{}", title.paint(self.error.to_string()))?;
        let first = std::error::Error::source(self.error);
        for cause in std::iter::successors(first, |cause| cause.source()) {
            let mut lines = Lines::new(f, "  ", Style::new());
            write!(lines, "\n{}{cause}", frame.paint("caused by: "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error {
            Error::Remote(remote) => self.write_remote(f, remote),
            Error::Group(group) => self.write_group(f, group.errors()),
            _ => self.write_local(f),
        }
    }
}

/// Puts a margin before every line.
struct Lines<'a, 'f> {
    inner: &'a mut fmt::Formatter<'f>,
    margin: &'static str,
    style: Style,
}

impl<'a, 'f> Lines<'a, 'f> {
    fn new(inner: &'a mut fmt::Formatter<'f>, margin: &'static str, style: Style) -> Self {
        Self {
            inner,
            margin,
            style,
        }
    }
}

impl Write for Lines<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut parts = text.split('\n');
        self.inner.write_str(parts.next().unwrap_or_default())?;
        for part in parts {
            write!(self.inner, "\n{}{part}", self.style.paint(self.margin))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::base::error::{ErrorGroup, PanicReport};
    use crate::{Aid, Cancelled, Error, RemoteError};

    /// A panic that was relayed once, in a group.
    fn group() -> Error {
        let aid = Aid::of_process("root.worker", 7, 1);
        let panic = PanicReport {
            message: "two\nlines".to_owned(),
            location: Some("src/main.rs:1:2".to_owned()),
            backtrace: Some("  0: main\n".to_owned()),
        };
        let error = RemoteError::panicked(panic, &aid, "app::work");
        let relayed = error.relayed_by(&aid, vec!["waiting".to_owned()]);
        ErrorGroup::new(vec![relayed.into(), Cancelled::new(aid).into()]).into()
    }

    #[test]
    fn coloured_report_dims_what_frames_the_text() {
        let text = group().report().coloured().to_string();
        let text = text.replace("\x1b[1;31m", "<b>").replace("\x1b[2m", "<d>");
        let text = text.replace("\x1b[0m", "</>");
        let expected = "\
            <b>2 failures:</>\n  \
            <b>`app::work` panicked in root.worker[7]: two</>\n  \
            <d>╭─ </>panic\n  \
            <d>│ </>two\n  \
            <d>│ </>lines\n  \
            <d>│ </><d>at </>src/main.rs:1:2\n  \
            <d>│ </><d>in </>app::work<d>, actor </>root.worker[7]\n  \
            <d>│ </><d>while: </>waiting\n  \
            <d>│ </><d>relayed by </>root.worker[7]\n  \
            <d>│ </><d>backtrace:</>\n  \
            <d>│ </>  0: main\n  \
            <d>╰─</>\n  \
            <b>cancelled by root.worker[7]</>";
        assert_eq!(text, expected);
    }

    #[test]
    fn nothing_else_is_coloured() {
        let group = group();
        let plain = group.report().to_string();
        assert!(!plain.contains('\x1b'), "{plain}");
        assert_eq!(format!("{group:#}"), plain);
        assert_eq!(format!("{group:?}"), plain);
    }
}

//! The lines of a program around a place.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use nu_ansi_term::{Color, Style};

/// A place in the source of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    /// Counted from 1.
    pub(super) line: usize,
}

impl Place {
    /// From `file:line:column`.
    pub(super) fn parse(location: &str) -> Option<Self> {
        let (rest, _column) = location.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        Some(Self {
            file: file.to_owned(),
            line: line.parse().ok().filter(|line| *line > 0)?,
        })
    }

    /// The lines around it, so many on either side, with an arrow at its own. `None` when they cannot be
    /// read.
    pub(super) fn lines(&self, around: usize, colours: bool) -> Option<String> {
        let text = fs::read_to_string(self.find()?).ok()?;
        self.excerpt(&text, around, colours)
    }

    fn excerpt(&self, text: &str, around: usize, colours: bool) -> Option<String> {
        let lines: Vec<_> = text.lines().collect();
        let at = self.line - 1;
        lines.get(at)?;
        let first = at.saturating_sub(around);
        let last = (at + around + 1).min(lines.len());
        let width = last.to_string().len();
        let mut shown = String::new();
        for (number, line) in (first + 1..).zip(&lines[first..last]) {
            let (arrow, style) = match number == self.line {
                true => ("▶", Color::Red.bold()),
                false => (" ", Style::new().dimmed()),
            };
            let mut margin = format!("{arrow} {number:width$} │");
            if colours {
                margin = style.paint(margin).to_string();
            }
            let _ = writeln!(shown, "{}", format!("{margin} {line}").trim_end());
        }
        Some(shown)
    }

    /// The file: its path starts where the compiler ran, which is the root of the workspace.
    fn find(&self) -> Option<PathBuf> {
        let file = Path::new(&self.file);
        if file.is_file() {
            return Some(file.to_owned());
        }
        let program = env::current_exe().ok();
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let starts = package.iter().chain(program.iter());
        let found = starts.flat_map(|start| start.ancestors());
        found
            .map(|start| start.join(file))
            .find(|path| path.is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn location_is_a_place() {
        let place = Place::parse("C:/a b/main.rs:12:5").expect("it is one");
        assert_eq!((&*place.file, place.line), ("C:/a b/main.rs", 12));
        for garbage in ["", "main.rs", "main.rs:5", "main.rs:0:1", "main.rs:x:1"] {
            assert_eq!(Place::parse(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn arrow_points_at_the_line() {
        let place = |line| Place {
            file: "x.rs".into(),
            line,
        };
        let text = "a\nb\n\nd\ne";
        assert_eq!(
            place(2).excerpt(text, 1, false).as_deref(),
            Some("  1 │ a\n▶ 2 │ b\n  3 │\n")
        );
        assert_eq!(
            place(5).excerpt(text, 1, true).as_deref(),
            Some("\x1b[2m  4 │\x1b[0m d\n\x1b[1;31m▶ 5 │\x1b[0m e\n")
        );
        assert_eq!(place(6).excerpt(text, 1, false), None);
    }

    #[test]
    fn this_file_is_found() {
        let here = Place::parse(&std::panic::Location::caller().to_string()).expect("a place");
        let lines = here.lines(0, false).expect("it is there");
        assert!(lines.contains("Location::caller()"), "{lines}");
    }
}

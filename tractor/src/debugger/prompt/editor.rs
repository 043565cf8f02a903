//! A person at the terminal of this process.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Behavior, Config, Context, Helper};

use super::command::starting_with;
use super::{Input, Person};
use crate::base::takes_colours;

/// A line editor at `/dev/tty`, with history and completion.
pub(super) struct Editor {
    lines: rustyline::Editor<Commands, MemHistory>,
    terminal: File,
}

impl Editor {
    /// # Errors
    ///
    /// When this process has no terminal, or one at which lines cannot be edited.
    pub(super) fn open() -> io::Result<Self> {
        if is_dumb() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let terminal = OpenOptions::new().write(true).open("/dev/tty")?;
        let config = Config::builder()
            .behavior(Behavior::PreferTerm)
            .auto_add_history(true)
            .build();
        let lines = rustyline::Editor::with_history(config, MemHistory::new());
        let mut lines = lines.map_err(io::Error::other)?;
        lines.set_helper(Some(Commands));
        Ok(Self { lines, terminal })
    }
}

impl Person for Editor {
    fn ask(&mut self, prompt: &str) -> Input {
        match self.lines.readline(prompt) {
            Ok(line) => Input::Line(line),
            Err(ReadlineError::Interrupted) => Input::Interrupted,
            // The terminal is gone, or nobody is there.
            Err(_) => Input::End,
        }
    }

    fn tell(&mut self, text: &str) {
        // Of a terminal that is gone, the next question tells.
        let _ = self.terminal.write_all(text.as_bytes());
    }

    fn sees_colours(&self) -> bool {
        takes_colours(&self.terminal)
    }

    fn columns(&mut self) -> Option<usize> {
        let (columns, _) = self.lines.dimensions()?;
        Some(columns.into())
    }
}

/// True of a terminal at which `rustyline` would read stdin instead, which no actor has.
fn is_dumb() -> bool {
    let dumb = ["dumb", "cons25", "emacs"];
    env::var("TERM").is_ok_and(|term| dumb.iter().any(|dumb| term.eq_ignore_ascii_case(dumb)))
}

/// Completes the names of commands.
struct Commands;

impl Completer for Commands {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let names = starting_with(line[..at].trim_start());
        let begin = at - line[..at].trim_start().len();
        Ok((begin, names.into_iter().map(str::to_owned).collect()))
    }
}

impl Hinter for Commands {
    type Hint = String;
}

impl Highlighter for Commands {}
impl Validator for Commands {}
impl Helper for Commands {}

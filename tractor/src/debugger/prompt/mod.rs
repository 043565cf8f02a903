//! The prompt of an actor that has stopped.

mod command;
mod editor;

use std::env;
use std::fmt::Write;
use std::io;
use std::process::id;

use self::command::Command;
use self::editor::Editor;
use super::report::Report;
use crate::base::fold;
use crate::process::{NativeDebugger, Terminal};
use crate::rpc::stop::Verdict;

/// What somebody does at a prompt.
#[derive(Debug, PartialEq, Eq)]
enum Input {
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D.
    End,
}

/// A person at a terminal.
trait Person {
    fn ask(&mut self, prompt: &str) -> Input;

    fn tell(&mut self, text: &str);

    /// True when what is told may be coloured.
    fn sees_colours(&self) -> bool;

    /// The columns of what is told, if there is a bound.
    fn columns(&mut self) -> Option<usize>;
}

/// What a prompt can ask of the rest of the tree.
trait Tree {
    fn show(&mut self, colours: bool) -> io::Result<String>;

    fn quit(&mut self) -> io::Result<()>;
}

impl Tree for Terminal {
    fn show(&mut self, colours: bool) -> io::Result<String> {
        self.tree(colours)
    }

    fn quit(&mut self) -> io::Result<()> {
        Terminal::quit(self)
    }
}

/// Talks to whoever sits at the terminal, until the actor is to go on.
///
/// # Errors
///
/// When the terminal cannot be used to talk.
pub(super) fn talk(terminal: &mut Terminal, report: &Report) -> io::Result<Verdict> {
    let mut editor = Editor::open()?;
    Ok(Talk::new(&mut editor, terminal, report).run())
}

/// One talk, from the report to the verdict.
struct Talk<'t, P, T> {
    person: &'t mut P,
    tree: &'t mut T,
    report: &'t Report,
    /// The thread that has stopped.
    thread: i32,
}

/// Lines of the source on either side of the place.
const AROUND: usize = 10;

impl<'t, P: Person, T: Tree> Talk<'t, P, T> {
    fn new(person: &'t mut P, tree: &'t mut T, report: &'t Report) -> Self {
        Self {
            person,
            tree,
            report,
            thread: report.thread,
        }
    }

    fn run(mut self) -> Verdict {
        let head = self.report.head(self.person.sees_colours());
        // What is below is framed, or source.
        let (title, rest) = head.split_once('\n').unwrap_or((&head, ""));
        let title = self.folded(title);
        self.person
            .tell(&format!("\n{title}\n{rest}`help` lists the commands\n"));
        let prompt = format!("({}) ", self.report.actor.aid().name());
        loop {
            match self.person.ask(&prompt) {
                Input::Line(line) => {
                    if let Some(verdict) = self.obey(&line) {
                        return verdict;
                    }
                }
                Input::Interrupted => {
                    self.person
                        .tell("`continue` lets the actor go on, `quit` cancels the tree\n");
                }
                Input::End => return Verdict::Continue,
            }
        }
    }

    /// Does what a line says; the verdict, if that ends the talk.
    fn obey(&mut self, line: &str) -> Option<Verdict> {
        let command = match Command::parse(line) {
            Ok(command) => command?,
            Err(trouble) => {
                self.person.tell(&format!("{trouble}\n"));
                return None;
            }
        };
        let colours = self.person.sees_colours();
        let report = self.report;
        let text = match command {
            Command::Continue => return Some(Verdict::Continue),
            Command::Retry if report.can_retry => return Some(Verdict::Again),
            Command::Retry => {
                "only a call that fails, and has no stream, can be made once more\n".to_owned()
            }
            Command::Quit => match self.tree.quit() {
                Ok(()) => return Some(Verdict::Continue),
                Err(error) => format!("cannot tell the root: {error}\n"),
            },
            Command::Help => command::help(),
            Command::Bt => or(
                report.backtrace(),
                "an error has no backtrace; a panic has one",
            ),
            Command::Src => or(
                report.src(AROUND, colours).as_deref(),
                "the source is not found",
            ),
            Command::Args => or(
                report.args().as_deref(),
                "no call, or arguments that cannot be shown",
            ),
            Command::Err => or(report.err(colours).as_deref(), "no error"),
            Command::Log => or(
                report.events().as_deref(),
                "no event; the root keeps them where it has a log level, and a subscriber of the program's own \
                 keeps none",
            ),
            Command::Spans => or(report.spans().as_deref(), "no span"),
            Command::Tasks => or(report.tasks().as_deref(), "no task"),
            Command::Env(name) => environment(name),
            Command::Tree => match self.tree.show(colours) {
                Ok(tree) => self.folded(&tree),
                Err(error) => format!("cannot ask the root: {error}\n"),
            },
            Command::Gdb => self.debug(&NativeDebugger::gdb(id(), self.thread)),
            Command::Lldb => self.debug(&NativeDebugger::lldb(id(), self.thread)),
        };
        self.person.tell(&ended(text));
        None
    }

    /// In lines of as many columns as the terminal has.
    fn folded(&mut self, text: &str) -> String {
        match self.person.columns() {
            Some(columns) => fold(text, columns),
            None => text.to_owned(),
        }
    }

    fn debug(&mut self, debugger: &NativeDebugger) -> String {
        match debugger.run() {
            Ok(()) => String::new(),
            Err(error) => format!("{error}\n"),
        }
    }
}

fn or(text: Option<&str>, otherwise: &str) -> String {
    let text = text.filter(|text| !text.trim().is_empty());
    text.unwrap_or(otherwise).to_owned()
}

/// The text, with the end of its last line.
fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The variables of the environment whose names begin like that.
fn environment(name: &str) -> String {
    let mut variables: Vec<_> = env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(of, _)| of.starts_with(name))
        .collect();
    variables.sort();
    let mut text = String::new();
    for (name, value) in variables {
        let _ = writeln!(text, "{name}={}", value.to_string_lossy());
    }
    or(Some(&text), "no such variable")
}

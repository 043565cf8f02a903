//! What can be said at the prompt.

use std::fmt::Write;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command<'l> {
    Args,
    Bt,
    Continue,
    Env(&'l str),
    Err,
    Gdb,
    Help,
    Lldb,
    Log,
    Quit,
    Retry,
    Spans,
    Src,
    Tasks,
    Tree,
}

/// The commands, and what they do.
pub(super) const COMMANDS: [(&str, &str); 15] = [
    ("args", "the arguments of the call"),
    ("bt", "the backtrace, of the program's own frames"),
    (
        "continue",
        "goes on: the error goes to the caller; so does Ctrl-D",
    ),
    ("env", "the environment; `env RUST` what begins like that"),
    (
        "err",
        "the error, with its causes and its way through the tree",
    ),
    (
        "gdb",
        "gdb at this process and thread; comes back when you quit it",
    ),
    ("help", "this list"),
    ("lldb", "lldb, likewise"),
    ("log", "the last events of this actor, down to DEBUG"),
    ("quit", "cancels the whole tree"),
    (
        "retry",
        "makes the same call once more, in a new actor; its end is the answer",
    ),
    ("spans", "the `tracing` spans around, the innermost first"),
    ("src", "the lines around"),
    ("tasks", "what else this actor does"),
    ("tree", "the whole tree"),
];

impl<'l> Command<'l> {
    /// What a line says; a command may be shortened as long as it is clear which is meant.
    pub(super) fn parse(line: &'l str) -> Result<Option<Self>, String> {
        let mut words = line.split_whitespace();
        let Some(word) = words.next() else {
            return Ok(None);
        };
        let argument = words.next();
        let name = full(word)?;
        if let Some(argument) = words.next().or(argument.filter(|_| name != "env")) {
            return Err(format!("`{name}` takes no `{argument}`"));
        }
        Ok(Some(match name {
            "args" => Self::Args,
            "bt" => Self::Bt,
            "continue" => Self::Continue,
            "env" => Self::Env(argument.unwrap_or_default()),
            "err" => Self::Err,
            "gdb" => Self::Gdb,
            "lldb" => Self::Lldb,
            "log" => Self::Log,
            "quit" => Self::Quit,
            "retry" => Self::Retry,
            "spans" => Self::Spans,
            "src" => Self::Src,
            "tasks" => Self::Tasks,
            "tree" => Self::Tree,
            _ => Self::Help,
        }))
    }
}

/// The name that begins like that.
fn full(word: &str) -> Result<&'static str, String> {
    let begin = starting_with(word);
    match *begin {
        [name] => Ok(name),
        _ if let Some(name) = begin.iter().find(|name| **name == word) => Ok(name),
        [] => Err(format!(
            "there is no command `{word}`; `help` lists those that there are"
        )),
        _ => Err(format!("`{word}` can be {}", begin.join(", "))),
    }
}

/// The names that begin like that.
pub(super) fn starting_with(word: &str) -> Vec<&'static str> {
    let names = COMMANDS.iter().map(|(name, _)| *name);
    names.filter(|name| name.starts_with(word)).collect()
}

/// The list of commands.
pub(super) fn help() -> String {
    let mut text = String::new();
    for (name, does) in COMMANDS {
        let _ = writeln!(text, "{name:9} {does}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Command};

    #[test]
    fn every_command_is_known_by_its_name() {
        let mut seen = Vec::new();
        for (name, _) in COMMANDS {
            let command = Command::parse(name)
                .expect("it is known")
                .expect("it is one");
            assert!(!seen.contains(&command), "{name}");
            seen.push(command);
        }
    }

    #[test]
    fn short_is_enough_where_it_is_clear() {
        assert_eq!(Command::parse("c"), Ok(Some(Command::Continue)));
        assert_eq!(
            Command::parse(" env  RUST "),
            Ok(Some(Command::Env("RUST")))
        );
        assert_eq!(Command::parse("   "), Ok(None));
        assert_eq!(Command::parse("e"), Err("`e` can be env, err".into()));
        assert_eq!(
            Command::parse("bt full"),
            Err("`bt` takes no `full`".into())
        );
        let unknown = Command::parse("where").expect_err("it is none");
        assert!(unknown.contains("no command `where`"), "{unknown}");
    }
}

//! The trees that can be looked into.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use super::find::first_with_window;
use super::trouble::Trouble;
use crate::base::Span;
use crate::process::{find_window, usage};

/// A tree that can be looked into.
#[derive(Debug)]
pub(super) struct Tree {
    /// Its root.
    pub(super) pid: u32,
    age: Duration,
    command: String,
}

impl Tree {
    /// All of them, the oldest first.
    pub(super) fn all() -> Vec<Self> {
        let processes = fs::read_dir("/proc").into_iter().flatten();
        let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut trees: Vec<_> = pids.filter_map(Self::of).collect();
        trees.sort_by_key(|tree| (std::cmp::Reverse(tree.age), tree.pid));
        trees
    }

    fn of(pid: u32) -> Option<Self> {
        find_window(pid).ok()??;
        if first_with_window(pid) != pid {
            return None;
        }
        let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        Some(Self {
            pid,
            age: usage(pid)?.age,
            command: command.trim_end().replace(char::is_control, "?"),
        })
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = Span(self.age).to_string();
        write!(f, "{:>8}  {age:<12}  {}", self.pid, self.command)
    }
}

/// Prints them.
pub(super) fn print() -> Result<(), Trouble> {
    let trees = Tree::all();
    if trees.is_empty() {
        return Err(Trouble::NoTree);
    }
    let mut out = io::stdout().lock();
    let mut lines = vec![format!("{:>8}  {:<12}  COMMAND", "PID", "RUNS FOR")];
    lines.extend(trees.iter().map(Tree::to_string));
    writeln!(out, "{}", lines.join("\n")).map_err(Trouble::Output)
}

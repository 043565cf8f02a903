//! A tree that prints at a terminal, in rounds.

use std::fs;
use std::ops::RangeInclusive;

use nix::sys::signal::Signal;
use tests::disk::TempDir;
use tests::terminal::Terminal;
use tests::{PATIENCE, process, wait_until};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_printing");

/// Stops what is written to a terminal, and lets it go on.
pub(crate) const CTRL_S: &[u8] = b"\x13";
pub(crate) const CTRL_Q: &[u8] = b"\x11";

/// So many lines of a round are more than the root reads while the terminal is held up, and no more than can be
/// written all the same.
pub(crate) const HELD_UP: usize = 4000;

/// A tree that prints at a terminal.
pub(crate) struct Printing {
    pub(crate) terminal: Terminal,
    pub(crate) directory: TempDir,
}

impl Printing {
    /// Starts it so that it prints so many lines in a round.
    pub(crate) fn start(how: &str, lines: usize) -> Self {
        Self::start_in(how, lines, &[])
    }

    pub(crate) fn start_in(how: &str, lines: usize, variables: &[(&str, &str)]) -> Self {
        let (directory, lines) = (TempDir::new(), lines.to_string());
        let path = directory.path().to_str().expect("it is text");
        let terminal = Terminal::start_in(PROGRAM, [how, path, &*lines], variables.iter().copied());
        Self {
            terminal,
            directory,
        }
    }

    /// Waits for the next prompt. Gives what was written before.
    pub(crate) fn wait_for_prompt(&mut self) -> String {
        let before = self.terminal.wait_for("`help` lists the commands");
        self.terminal.wait_for(") ");
        // Drawn to its end: what nobody holds comes between the rest of it else.
        self.terminal.wait_for("\u{1b}[?2026l");
        before
    }

    /// Lets a round begin.
    pub(crate) fn go(&self, round: usize) {
        fs::write(self.directory.join(&format!("go {round}")), "").expect("it is ours");
    }

    /// Has a round printed, from its beginning to its end.
    pub(crate) fn print(&self, round: usize) {
        self.go(round);
        let done = self.directory.join(&format!("done {round}"));
        wait_until("it is printed", PATIENCE, || done.exists());
    }

    /// Asserts that nothing of a round is written until a command is answered at the prompt.
    pub(crate) fn assert_hears_nothing(&mut self) {
        self.terminal.enter("env PATH");
        let mut text = self.terminal.wait_for("PATH=");
        text += &self.terminal.wait_for("(a) ");
        assert!(!text.contains("round"), "{text}");
    }

    /// Has a round of 100 lines printed at a prompt, which shows up after that, and not before.
    pub(crate) fn hear_after_the_prompt(&mut self) {
        self.wait_for_prompt();
        self.print(1);
        self.assert_hears_nothing();
        self.terminal.enter("continue");
        self.terminal.wait_for(&lines("round 1 line", 1..=100));
    }

    /// Asks it to end until it does: two signals that come at once are one.
    pub(crate) fn signal_until(&self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        wait_until(what, PATIENCE, || {
            self.terminal.signal(Signal::SIGTERM);
            condition(self)
        });
    }

    /// Waits until nobody gets any further with printing.
    pub(crate) fn wait_until_held_up(&self) {
        let mut looks = 0;
        wait_until("they are held up", PATIENCE, || {
            let members = process::of_group(self.terminal.pid());
            let asleep = members.iter().all(|member| member.state == 'S');
            looks = if asleep { looks + 1 } else { 0 };
            // One who writes may sleep for a moment.
            looks == 20
        });
    }

    pub(crate) fn has_ended(&self) -> bool {
        let members = process::of_group(self.terminal.pid());
        let root = members
            .iter()
            .find(|member| member.pid == self.terminal.pid());
        root.is_none_or(process::Process::is_zombie)
    }
}

/// Lines that begin so, and are counted.
pub(crate) fn lines(begin: &str, range: RangeInclusive<usize>) -> String {
    range.map(|line| format!("{begin} {line}\r\n")).collect()
}

pub(crate) fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{text}");
}

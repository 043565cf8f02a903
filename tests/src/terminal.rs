//! A program at a terminal, as the person sees it who sits there.

use std::fmt;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::AsFd;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::{Pid, tcgetpgrp};
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use crate::{GLANCE, PATIENCE, process, wait_until};

/// A program that has a terminal to itself.
pub struct Terminal {
    process: Child,
    terminal: Pty,
    written: Vec<u8>,
    /// How much of it was waited for.
    seen: usize,
    /// What a person sees of it.
    emulator: vt100::Parser,
}

impl Terminal {
    /// Starts the program at `path` at a terminal of 24 lines and 80 columns.
    pub fn start<'a>(path: &str, args: impl IntoIterator<Item = &'a str>) -> Self {
        Self::start_in(path, args, [])
    }

    /// The same, with these variables in its environment.
    pub fn start_in<'a>(
        path: &str,
        args: impl IntoIterator<Item = &'a str>,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self::start_sized((24, 80), path, args, variables)
    }

    /// The same, at a terminal of so many lines and columns.
    pub fn start_sized<'a>(
        (lines, columns): (u16, u16),
        path: &str,
        args: impl IntoIterator<Item = &'a str>,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        // It adopts what the program leaves behind, so that no orphan gets away unseen.
        nix::sys::prctl::set_child_subreaper(true).expect("any process can adopt orphans");
        let (terminal, end) = open().expect("there are terminals");
        let size = Size::new(lines, columns);
        terminal.resize(size).expect("it has a size");
        let command = Command::new(path)
            .args(args)
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .env_remove("RUST_BACKTRACE")
            .envs(variables);
        Self {
            process: command.spawn(end).expect("it starts"),
            terminal,
            written: Vec::new(),
            seen: 0,
            emulator: vt100::Parser::new(some(lines), some(columns), 0),
        }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Signals the process.
    pub fn signal(&self, signal: Signal) {
        kill(self.group(), signal).expect("it is not reaped");
    }

    /// Gives its window another size.
    pub fn resize(&mut self, lines: u16, columns: u16) {
        let size = Size::new(lines, columns);
        self.terminal.resize(size).expect("it is a terminal");
        let [lines, columns] = [lines, columns].map(some);
        self.emulator.screen_mut().set_size(lines, columns);
    }

    /// How the terminal behaves just now.
    pub fn modes(&self) -> Termios {
        tcgetattr(&self.terminal).expect("it is a terminal")
    }

    /// The process group of the program.
    pub fn group(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.pid()).expect("a pid"))
    }

    /// The process group that may use it just now.
    pub fn foreground(&self) -> Pid {
        tcgetpgrp(&self.terminal).expect("it is a terminal")
    }

    /// All that was written so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// What its screen shows.
    pub fn screen(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    /// Waits until this is written, behind what was waited for before. Gives what is between.
    pub fn wait_for(&mut self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let new = String::from_utf8_lossy(&self.written[self.seen..]).into_owned();
            if let Some(at) = new.find(text) {
                self.seen += at + text.len();
                return new[..at].to_owned();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "no `{text}`: {}\n{}",
                self.text(),
                process::tree()
            );
            self.read();
        }
    }

    /// Waits until the screen shows all of this, one behind the other.
    pub fn wait_for_screen(&mut self, parts: &[&str]) {
        let began = Instant::now();
        loop {
            let screen = self.emulator.screen().contents();
            let rest = |rest, part| Some(str::split_once(rest, part)?.1);
            if parts
                .iter()
                .try_fold(&*screen, |all, part| rest(all, *part))
                .is_some()
            {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "not all of {parts:?}: {screen}\n{}",
                process::tree()
            );
            self.read();
        }
    }

    /// Types these keys.
    pub fn press(&mut self, keys: &[u8]) {
        self.terminal.write_all(keys).expect("it listens");
    }

    /// Types a line.
    pub fn enter(&mut self, line: &str) {
        self.press(format!("{line}\r").as_bytes());
    }

    /// Asks something at the prompt of the actor `a`, and waits for the answer and the next prompt.
    pub fn ask(&mut self, command: &str, answer: &str) {
        self.enter(command);
        self.wait_for(answer);
        self.wait_for("(a) ");
    }

    /// Waits for its end, which is to be with this exit code. Gives all that was written.
    pub fn end_with(self, code: i32) -> String {
        let (status, text) = self.end();
        assert_eq!(status.code(), Some(code), "{text}");
        text
    }

    /// Waits for its end. Gives how that was, and all that was written.
    pub fn end(mut self) -> (ExitStatus, String) {
        let began = Instant::now();
        loop {
            let ended = self.process.try_wait().expect("nobody else waits for it");
            while self.read() {}
            if let Some(status) = ended {
                self.assert_nobody_left();
                return (status, self.text());
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{}\n{}",
                self.text(),
                process::tree()
            );
        }
    }

    /// Asserts that no other process of its group is left. One whose root was killed ends a moment later.
    fn assert_nobody_left(&self) {
        wait_until("nobody is left", PATIENCE, || {
            process::reap_group(self.pid());
            process::of_group(self.pid()).is_empty()
        });
    }

    /// Reads what is written within a glance; false when that is nothing.
    fn read(&mut self) -> bool {
        let mut waited = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
        let glance = PollTimeout::try_from(GLANCE).expect("it is short");
        if poll(&mut waited, glance) == Ok(0) {
            return false;
        }
        let mut chunk = [0; 4096];
        // It cannot be read any more once the last process at it has ended.
        let read = self.terminal.read(&mut chunk).unwrap_or(0);
        if read == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.written.extend_from_slice(&chunk[..read]);
        self.emulator.process(&chunk[..read]);
        read > 0
    }
}

/// A number of lines or columns.
fn some(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("it is no empty screen")
}

/// The pid in `root.a[4242]`.
pub fn pid_of(actor: &str, text: &str) -> Pid {
    let (_, rest) = text.split_once(&format!("{actor}[")).expect("it is named");
    let (pid, _) = rest.split_once(']').expect("its pid is told");
    Pid::from_raw(pid.parse().expect("a number"))
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Terminal({}, {})", self.pid(), self.text())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! An example while it runs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::prepared::{Prepared, left_over};

/// How long a line may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An example while it runs; killed at the end of a test that fails.
pub(crate) struct Ongoing {
    prepared: Option<Prepared>,
    child: Child,
    stdout: Receiver<String>,
    pub(crate) stderr: Receiver<String>,
}

impl Ongoing {
    #[expect(
        clippy::disallowed_methods,
        reason = "the example is to run while the test goes on"
    )]
    pub(crate) fn start(example: &str, args: &[&OsStr]) -> Self {
        let mut prepared = Prepared::new(example, args);
        let command = prepared.command.stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        Self {
            stdout: lines_from(child.stdout.take().expect("it is piped")),
            stderr: lines_from(child.stderr.take().expect("it is piped")),
            prepared: Some(prepared),
            child,
        }
    }

    pub(crate) fn next(&self) -> String {
        let line = self.stdout.recv_timeout(PATIENCE);
        line.expect("a line is printed")
    }

    /// Kills it; those below it end by themselves.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
        let prepared = self.prepared.take().expect("it is taken once");
        let began = Instant::now();
        while !left_over(&prepared.mark).is_empty() && began.elapsed() < PATIENCE {
            thread::yield_now();
        }
        prepared.assert_nothing_left();
    }

    /// Ends it with Ctrl-C; gives what it has not been asked for.
    pub(crate) fn interrupt(mut self) -> (Vec<String>, Vec<String>) {
        let pid = self.child.id().try_into().expect("a process id fits");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
        let (stdout, stderr) = (self.stdout.iter().collect(), self.stderr.iter().collect());
        let status = self.child.wait().expect("it is ours");
        assert_eq!(status.code(), Some(130));
        let prepared = self.prepared.take().expect("it is taken once");
        prepared.assert_nothing_left();
        (stdout, stderr)
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        if self.prepared.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Lines as they come, until the pipe is closed.
fn lines_from(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let line = line.expect("the output is UTF-8");
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

//! A fixture program in a process group of its own, with everything that it starts.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::mem;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::disk::TempDir;
use crate::leftovers::assert_empty;
use crate::output::Output;
use crate::process::{self, Process};
use crate::{GLANCE, PATIENCE, wait_until};

/// What to start.
#[derive(Debug)]
pub struct Fixture {
    command: Command,
    /// What it sees as a terminal.
    terminal: Option<File>,
    /// Its directory for temporary files, which is empty again in the end.
    temporary: TempDir,
}

impl Fixture {
    /// The program at `path`, which is `env!("CARGO_BIN_EXE_..")` or a copy of it.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let mut command = Command::new(path.as_ref());
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (key, _) in std::env::vars_os() {
            // The transport stays: every test has to pass on each.
            if key.to_string_lossy().starts_with("TRACTOR_") && key != "TRACTOR_TRANSPORT"
                || ["RUST_BACKTRACE", "NO_COLOR"].iter().any(|own| key == *own)
            {
                command.env_remove(key);
            }
        }
        let temporary = TempDir::new();
        command.env("TMPDIR", temporary.path());
        Self {
            command,
            terminal: None,
            temporary,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Starts in this directory.
    #[must_use]
    pub fn current_dir(mut self, path: impl AsRef<Path>) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Runs as this user, which only a privileged harness can ask for.
    #[must_use]
    pub fn uid(mut self, uid: u32) -> Self {
        self.command.uid(uid).gid(uid);
        self
    }

    /// Reads this instead of nothing.
    #[must_use]
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.command.stdin(stdin);
        self
    }

    /// Writes to a terminal instead of a pipe, as far as stderr is concerned.
    #[must_use]
    pub fn stderr_on_a_terminal(mut self) -> Self {
        // Not inherited by other fixtures that are started now, which would keep it open.
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let terminal = posix_openpt(flags).expect("there are terminals");
        grantpt(&terminal).expect("it is ours");
        unlockpt(&terminal).expect("it is ours");
        let path = ptsname_r(&terminal).expect("it has a name");
        let mut end = OpenOptions::new();
        end.read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits());
        self.command.stderr(end.open(path).expect("it is unlocked"));
        self.terminal = Some(File::from(OwnedFd::from(terminal)));
        self
    }

    /// Shows this as its name.
    #[must_use]
    pub fn arg0(mut self, name: &str) -> Self {
        self.command.arg0(name);
        self
    }

    /// A program that was just copied may still be open for writing, in a child that another thread
    /// has forked and that has not executed its own image yet.
    #[expect(clippy::disallowed_methods, reason = "the fixture is no actor")]
    fn spawn(&mut self) -> Child {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.command.spawn() {
                Err(busy)
                    if busy.kind() == ErrorKind::ExecutableFileBusy
                        && Instant::now() < deadline =>
                {
                    thread::sleep(GLANCE);
                }
                child => return child.expect("the fixture starts"),
            }
        }
    }

    /// Starts it.
    ///
    /// This process adopts what the fixture leaves behind, so that no orphan gets away unseen.
    pub fn start(mut self) -> Running {
        nix::sys::prctl::set_child_subreaper(true).expect("any process can adopt orphans");
        let mut child = self.spawn();
        let output = Output::default();
        let readers = [
            output.follow(
                child.stdout.take().expect("stdout is piped"),
                Output::stdout,
            ),
            match self.terminal {
                Some(terminal) => output.follow(terminal, Output::stderr),
                None => {
                    let stderr = child.stderr.take().expect("stderr is piped");
                    output.follow(stderr, Output::stderr)
                }
            },
        ];
        Running {
            group: child.id(),
            temporary: self.temporary,
            child,
            status: None,
            orphans: Vec::new(),
            output,
            readers: Some(readers),
        }
    }

    /// Starts it, waits for its end and for that of everything it started.
    pub fn run(self) -> Ended {
        self.start().finish()
    }
}

/// A fixture that was started. Its end has to be waited for; dropping it before kills what is left.
#[derive(Debug)]
pub struct Running {
    child: Child,
    group: u32,
    temporary: TempDir,
    status: Option<ExitStatus>,
    /// Those that this process has reaped, because their parent had ended before them.
    orphans: Vec<u32>,
    output: Output,
    readers: Option<[JoinHandle<()>; 2]>,
}

/// What a fixture has left behind.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it and its descendants wrote to stdout.
    pub stdout: Vec<String>,
    /// What it and its descendants wrote to stderr.
    pub stderr: Vec<String>,
}

impl Ended {
    /// Both outputs, for a failing assertion.
    pub fn text(&self) -> String {
        format!(
            "{}\nstdout:\n{}\nstderr:\n{}",
            self.status,
            self.stdout.join("\n"),
            self.stderr.join("\n")
        )
    }

    /// Asserts the exit code.
    pub fn assert_code(&self, code: i32) {
        assert_eq!(self.status.code(), Some(code), "{}", self.text());
    }

    /// The first line of stdout that starts with `prefix`, without it.
    pub fn line(&self, prefix: &str) -> &str {
        let found = self
            .stdout
            .iter()
            .find_map(|line| line.strip_prefix(prefix));
        found.unwrap_or_else(|| panic!("no line `{prefix}..`: {}", self.text()))
    }
}

impl Running {
    /// The root's pid, which is its group, too.
    pub fn pid(&self) -> u32 {
        self.group
    }

    /// The processes of the fixture that exist, zombies included.
    pub fn members(&self) -> Vec<Process> {
        process::of_group(self.group)
    }

    /// The fixture's processes without the root.
    pub fn descendants(&self) -> Vec<Process> {
        let mut members = self.members();
        members.retain(|process| process.pid != self.group);
        members
    }

    /// Waits for a line of stdout that starts with `prefix`, and gives the rest of it.
    pub fn line(&self, prefix: &str) -> String {
        self.lines(prefix, 1).remove(0)
    }

    /// Waits for `count` lines of stdout that start with `prefix`, and gives what follows it.
    pub fn lines(&self, prefix: &str, count: usize) -> Vec<String> {
        let found = self.output.wait(|lines| {
            let mut found: Vec<_> = lines
                .stdout
                .iter()
                .filter_map(|line| line.strip_prefix(prefix))
                .map(str::to_owned)
                .collect();
            found.truncate(count);
            (found.len() == count).then_some(found)
        });
        found.unwrap_or_else(|| {
            panic!(
                "no {count} lines `{prefix}..` within {PATIENCE:?}; {:?}\n{}",
                self.output.lock(),
                process::tree()
            )
        })
    }

    /// Waits until every process of it is stopped.
    pub fn wait_stopped(&self) {
        let (mut before, mut now) = (Vec::new(), Vec::new());
        wait_until("every process is stopped", PATIENCE, || {
            let members = self.members();
            let pids = members.iter().map(|process| process.pid).collect();
            // Twice the same ones: nobody who was starting has come along.
            before = mem::replace(&mut now, pids);
            before == now && members.iter().all(|process| process.state == 'T')
        });
    }

    /// Signals the root alone.
    pub fn signal(&self, signal: Signal) {
        // Not reaped yet, so the pid is still its own.
        kill(pid(self.group), signal).expect("the root is not reaped yet");
    }

    /// Signals the whole group, as a terminal does.
    pub fn signal_group(&self, signal: Signal) {
        killpg(pid(self.group), signal).expect("the group has members");
    }

    /// True when a line of stderr has this text.
    pub fn has_logged(&self, text: &str) -> bool {
        self.output
            .lock()
            .stderr
            .iter()
            .any(|line| line.contains(text))
    }

    /// The root's status, once it has ended.
    pub fn try_wait(&mut self) -> Option<ExitStatus> {
        self.status = self
            .child
            .try_wait()
            .expect("nobody else reaps the fixture");
        self.status
    }

    /// Waits for the root's end.
    pub fn wait(&mut self) -> ExitStatus {
        wait_until("the fixture ends", PATIENCE, || self.try_wait().is_some());
        self.status.expect("it was waited for")
    }

    /// Waits until no process of the fixture is left, and gives the time that took.
    pub fn wait_gone(&mut self, timeout: Duration) -> Duration {
        let began = Instant::now();
        self.wait();
        loop {
            self.reap_orphans();
            let left = self.members();
            if left.is_empty() {
                assert_empty(self.temporary.path());
                return began.elapsed();
            }
            assert!(
                began.elapsed() < timeout,
                "left after {timeout:?}:\n{}",
                process::list(&left)
            );
            thread::sleep(GLANCE);
        }
    }

    /// Waits for the root's end and asserts that nothing it started has outlived it: neither alive
    /// nor as a zombie.
    pub fn finish(mut self) -> Ended {
        let status = self.wait();
        // Looked at once, without patience: a root that ends by itself has reaped all (S1).
        let left = self.members();
        assert!(
            left.is_empty(),
            "the root ended with {status} and left:\n{}\n{:?}",
            process::list(&left),
            self.output.lock()
        );
        self.collect(status)
    }

    /// Like [`finish`](Self::finish) for a root that had no chance to reap: what it started may
    /// take until `timeout` to end.
    pub fn finish_within(mut self, timeout: Duration) -> Ended {
        self.wait_gone(timeout);
        let status = self.wait();
        self.collect(status)
    }

    fn collect(mut self, status: ExitStatus) -> Ended {
        assert_empty(self.temporary.path());
        for reader in self.readers.take().into_iter().flatten() {
            reader.join().expect("a reader does not panic");
        }
        let lines = self.output.lock();
        Ended {
            status,
            stdout: lines.stdout.clone(),
            stderr: lines.stderr.clone(),
        }
    }

    /// Reaps what was orphaned and has ended; the root is reaped by then.
    pub fn reap_orphans(&mut self) {
        self.orphans.extend(process::reap_group(self.group));
    }

    /// The processes that were orphaned, as far as they are reaped.
    pub fn orphans(&self) -> &[u32] {
        &self.orphans
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.status.is_some() && self.members().is_empty() {
            return;
        }
        // On the way out of a test that has failed, or fails by this.
        let _ = killpg(pid(self.group), Signal::SIGKILL);
        let _ = self.child.wait();
        let began = Instant::now();
        while !self.members().is_empty() && began.elapsed() < Duration::from_secs(5) {
            self.reap_orphans();
            thread::sleep(GLANCE);
        }
        let written = format!("the fixture had written: {:#?}", self.output.lock());
        match thread::panicking() {
            true => eprintln!("{written}"),
            false => panic!("a fixture was dropped while it was running; {written}"),
        }
    }
}

fn pid(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().expect("a pid fits"))
}

//! What the thread of a relay does.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::PtyMaster;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{MsgFlags, recv};
use nix::unistd::{Pid, read, write};
use rustix::termios::{Winsize, tcgetwinsize, tcsetwinsize};

use super::kept::Kept;
use super::relay::Shared;

/// The most that is read before the terminal has taken it, in bytes.
const ROOM: usize = 64 << 10;

/// More than the kernel keeps between the two ends of a pseudo-terminal, which is less than 70 KiB: what was
/// written before is among the next so many bytes that are read, however much is written meanwhile.
const DEPTH: usize = 256 << 10;

/// How long is waited after an error, such as too little memory.
const PAUSE: Duration = Duration::from_millis(10);

/// What the thread does about those who have asked.
#[derive(Debug, Default)]
enum Turn {
    /// Nobody has.
    #[default]
    Idle,
    /// It reads what was written before, which is at most so much.
    Reading { number: u64, left: usize },
    /// It writes, until so much was written in all.
    Writing { number: u64, until: u64 },
}

/// What the thread of a [relay](super::relay) does.
pub(super) struct Copying {
    shared: Arc<Shared>,
    ear: UnixStream,
    stand_in: PtyMaster,
    terminal: File,
    size: Option<Winsize>,
    /// For whom all that is read is kept.
    hold: Option<u64>,
    hurry: bool,
    turn: Turn,
    /// What the terminal gets next,
    next: VecDeque<u8>,
    /// and after that, in time.
    kept: Kept,
    /// How much was ever to be written, and how much was.
    passed: u64,
    written: u64,
}

impl Copying {
    /// Between these two, neither of which is to block; who wants something of it is heard by the `ear`.
    ///
    /// # Errors
    ///
    /// What the kernel refuses.
    pub(super) fn new(
        shared: Arc<Shared>,
        ear: UnixStream,
        stand_in: PtyMaster,
        terminal: File,
    ) -> io::Result<Self> {
        let size = tcgetwinsize(&terminal).ok();
        if let Some(size) = size {
            tcsetwinsize(&stand_in, size)?;
        }
        Ok(Self {
            shared,
            ear,
            stand_in,
            terminal,
            size,
            hold: None,
            hurry: false,
            turn: Turn::default(),
            next: VecDeque::new(),
            kept: Kept::default(),
            passed: 0,
            written: 0,
        })
    }

    pub(super) fn run(mut self) {
        loop {
            self.listen();
            self.follow_size();
            self.read();
            self.write();
            if !self.serve() {
                self.wait();
            }
        }
    }

    fn listen(&mut self) {
        let wanted = self.shared.wanted();
        self.hurry = wanted.hurry;
        if self.hold != wanted.hold {
            // It is over, even if somebody else has come since.
            self.hold = None;
        }
        if matches!(self.turn, Turn::Idle) && wanted.asked > wanted.served {
            self.turn = Turn::Reading {
                number: wanted.asked,
                left: DEPTH,
            };
        }
        drop(wanted);
        if self.hold.is_none() && self.next.len() < ROOM {
            self.pass_on_kept();
        }
    }

    fn follow_size(&mut self) {
        let size = tcgetwinsize(&self.terminal).ok();
        if size.is_none() || size == self.size {
            return;
        }
        let given = size.map(|size| tcsetwinsize(&self.stand_in, size));
        self.size = size;
        if given == Some(Ok(())) {
            // The kernel has told this group of it, and who has asked since may have got the old one.
            let _ = kill(Pid::from_raw(0), Signal::SIGWINCH);
        }
    }

    /// True when there is room for more.
    fn reads(&self) -> bool {
        self.hold.is_some() || self.hurry || self.next.len() < ROOM
    }

    fn read(&mut self) {
        if !self.reads() {
            return;
        }
        let mut chunk = [0; 4 << 10];
        match read(&self.stand_in, &mut chunk) {
            Err(Errno::EINTR) => {}
            Ok(length @ 1..) => {
                self.keep_or_pass_on(&chunk[..length]);
                if let Turn::Reading { left, .. } = &mut self.turn {
                    *left = left.saturating_sub(length);
                    if *left == 0 {
                        self.have_read();
                    }
                }
            }
            // The kernel says so only when it has looked everywhere. An end there is not: this process
            // keeps the other side open.
            Ok(_) | Err(_) => self.have_read(),
        }
    }

    fn keep_or_pass_on(&mut self, bytes: &[u8]) {
        if self.hold.is_some() || !self.kept.is_empty() || self.next.len() >= ROOM {
            return self.kept.push(bytes);
        }
        self.next.extend(bytes);
        self.passed += bytes.len() as u64;
    }

    fn pass_on_kept(&mut self) {
        let mut kept = self.kept.take();
        self.passed += kept.len() as u64;
        self.next.append(&mut kept);
    }

    /// All is read that was written before somebody asked.
    fn have_read(&mut self) {
        let Turn::Reading { number, .. } = self.turn else {
            return;
        };
        if self.hold.is_none() {
            self.pass_on_kept();
        }
        // Not yet for one who has asked since.
        self.hold = self.shared.wanted().hold.filter(|asked| *asked <= number);
        self.turn = Turn::Writing {
            number,
            until: self.passed,
        };
    }

    fn write(&mut self) {
        let (bytes, _) = self.next.as_slices();
        if bytes.is_empty() {
            return;
        }
        let written = match write(&self.terminal, bytes) {
            Ok(written) => written,
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            // It is gone, or not for this process: there is nobody to tell.
            Err(_) => bytes.len(),
        };
        self.next.drain(..written);
        self.written += written as u64;
    }

    /// Tells who has asked when all is written. False when there is nothing to do but wait.
    fn serve(&mut self) -> bool {
        match self.turn {
            Turn::Idle => false,
            Turn::Reading { .. } => self.reads(),
            Turn::Writing { until, .. } if self.written < until => false,
            Turn::Writing { number, .. } => {
                self.turn = Turn::Idle;
                self.shared.wanted().served = number;
                self.shared.served.notify_all();
                true
            }
        }
    }

    /// Waits until there is something to do.
    fn wait(&self) {
        let mut waited = vec![PollFd::new(self.ear.as_fd(), PollFlags::POLLIN)];
        if self.reads() {
            waited.push(PollFd::new(self.stand_in.as_fd(), PollFlags::POLLIN));
        }
        // Not unless there is something to write: one that is gone would be ready for ever.
        if !self.next.is_empty() {
            waited.push(PollFd::new(self.terminal.as_fd(), PollFlags::POLLOUT));
        }
        match poll(&mut waited, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => sleep(PAUSE),
        }
        let mut rings = [0; 64];
        let _ = recv(self.ear.as_raw_fd(), &mut rings, MsgFlags::MSG_DONTWAIT);
    }
}

//! The thread that brings output from the stand-in to the terminal.
//!
//! ```text
//!   who writes ──▶ stand-in ──▶ relay ─┬────────────────────▶ terminal
//!                                      └─▶ kept, at a prompt ─▶ ┘
//! ```
//!
//! It never waits for the terminal alone: one that is held up, as by Ctrl-S, does not keep it from hearing
//! what is wanted of it. It stops reading when the terminal takes nothing, so that whoever writes waits as
//! they would at the terminal itself; but not at a prompt, which may last.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, sleep};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::PtyMaster;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{MsgFlags, recv, send};
use nix::unistd::{Pid, read, write};

use super::super::arrivals::tell;
use super::kept::Kept;
use super::size::Size;
use crate::base::on_own_thread;

/// The most that is read before the terminal has taken it, in bytes.
const ROOM: usize = 64 << 10;

/// More than the kernel keeps between the two ends of a pseudo-terminal, which is less than 70 KiB: what was
/// written before is among the next so many bytes that are read, however much is written meanwhile.
const DEPTH: usize = 256 << 10;

/// How long a process that is about to be killed waits for its terminal.
const LAST: Duration = Duration::from_secs(1);

/// How long is waited after an error, such as too little memory.
const PAUSE: Duration = Duration::from_millis(10);

/// The thread that brings output to the terminal, as others know it.
#[derive(Debug)]
pub(super) struct Relay {
    shared: Arc<Shared>,
    /// What is written here wakes it.
    bell: UnixStream,
}

#[derive(Debug, Default)]
struct Shared {
    wanted: Mutex<Wanted>,
    served: Condvar,
}

/// What is wanted of the thread.
#[derive(Debug, Default)]
struct Wanted {
    /// Which of those who have asked wants that all is kept which is written after that.
    hold: Option<u64>,
    /// Nobody shall wait for the terminal any more.
    hurry: bool,
    /// How often somebody has asked that the terminal gets all that was written before,
    asked: u64,
    /// and how often it has.
    served: u64,
}

impl Relay {
    /// Starts it, between these two. Neither is to block.
    ///
    /// # Errors
    ///
    /// What the kernel refuses.
    pub(super) fn start(stand_in: PtyMaster, terminal: File) -> io::Result<Self> {
        let (ear, bell) = UnixStream::pair()?;
        // As long as the process runs, and so does the thread.
        tell(Signal::SIGWINCH, bell.try_clone()?)?;
        let shared = Arc::new(Shared::default());
        let thread = Thread {
            shared: shared.clone(),
            ear,
            size: Size::of(&terminal),
            stand_in,
            terminal,
            hold: None,
            hurry: false,
            turn: Turn::default(),
            next: VecDeque::new(),
            kept: Kept::default(),
            passed: 0,
            written: 0,
        };
        if let Some(size) = thread.size {
            size.give(&thread.stand_in)?;
        }
        let builder = Builder::new().name("tractor-relay".to_owned());
        builder.spawn(on_own_thread(move || thread.run()))?;
        Ok(Self { shared, bell })
    }

    /// Keeps what is written from now on. Returns when the terminal has got all that was written before.
    pub(super) fn hold(&self) {
        self.ask(|wanted, number| wanted.hold = Some(number));
    }

    /// Brings to the terminal what is kept, and what is written from now on.
    pub(super) fn release(&self) {
        self.shared.wanted().hold = None;
        self.ring();
    }

    /// Returns when the terminal has got all that was written before.
    pub(super) fn catch_up(&self) {
        self.ask(|_, _| {});
    }

    /// Lets nobody wait for the terminal any more: this process is about to be killed.
    pub(super) fn hurry(&self) {
        self.shared.wanted().hurry = true;
        self.shared.served.notify_all();
        self.ring();
    }

    fn ask(&self, what: impl FnOnce(&mut Wanted, u64)) {
        let number = {
            let mut wanted = self.shared.wanted();
            wanted.asked += 1;
            let number = wanted.asked;
            what(&mut wanted, number);
            number
        };
        self.ring();
        self.shared.wait(number);
    }

    fn ring(&self) {
        // Where there is no room, it is awake soon enough.
        let _ = send(self.bell.as_raw_fd(), &[0], MsgFlags::MSG_DONTWAIT);
    }
}

impl Shared {
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the one is served who has asked with this number.
    fn wait(&self, number: u64) {
        let mut wanted = self.wanted();
        let mut last = None;
        while wanted.served < number {
            if !wanted.hurry {
                let woken = self.served.wait(wanted);
                wanted = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let last = *last.get_or_insert_with(|| Instant::now() + LAST);
            let left = last.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let woken = self.served.wait_timeout(wanted, left);
            (wanted, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

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

/// The thread itself.
struct Thread {
    shared: Arc<Shared>,
    ear: UnixStream,
    stand_in: PtyMaster,
    terminal: File,
    size: Option<Size>,
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

impl Thread {
    fn run(mut self) {
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
        let size = Size::of(&self.terminal);
        if size.is_none() || size == self.size {
            return;
        }
        let given = size.map(|size| size.give(&self.stand_in));
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

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::OwnedFd;

    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::pty::openpty;

    use super::super::stand_in::open_pair;
    use super::Relay;

    /// A relay, the end that is written to, and what a person reads.
    fn relay() -> (Relay, File, File) {
        let pair = openpty(None, None).expect("there are terminals");
        let (terminal, person) = (File::from(pair.slave), File::from(pair.master));
        for file in [&terminal, &person] {
            fcntl(file, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("it is open");
        }
        let (relayed, end) = open_pair(&terminal).expect("there are terminals");
        let relay = Relay::start(relayed, terminal).expect("there is room");
        (relay, end.into(), person)
    }

    fn read(person: &mut File, length: usize) -> String {
        let mut text = vec![0; length];
        person.read_exact(&mut text).expect("it is written");
        String::from_utf8(text).expect("it is text")
    }

    #[test]
    fn what_is_kept_comes_before_the_next_who_holds() {
        let (relay, mut end, mut person) = relay();
        for number in 1000..1100 {
            relay.hold();
            write!(end, "{number}").expect("it is a terminal");
            relay.release();
            relay.hold();
            assert_eq!(read(&mut person, 4), number.to_string());
            relay.release();
        }
        // As long as the thread reads.
        std::mem::forget(OwnedFd::from(end));
    }
}

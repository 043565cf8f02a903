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

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use nix::pty::PtyMaster;
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, send};

use super::super::super::arrivals::tell;
use super::copying::Copying;
use crate::base::on_own_thread;

/// How long a process that is about to be killed waits for its terminal.
const LAST: Duration = Duration::from_secs(1);

/// How often is looked whether whoever waits is still wanted.
const LOOK: Duration = Duration::from_millis(500);

/// The thread that brings output to the terminal, as others know it.
#[derive(Debug)]
pub(super) struct Relay {
    shared: Arc<Shared>,
    /// What is written here wakes it.
    bell: UnixStream,
}

/// What the thread and those who want something of it tell each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    wanted: Mutex<Wanted>,
    pub(super) served: Condvar,
}

/// What is wanted of the thread.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Which of those who have asked wants that all is kept which is written after that.
    pub(super) hold: Option<u64>,
    /// Nobody shall wait for the terminal any more.
    pub(super) hurry: bool,
    /// How often somebody has asked that the terminal gets all that was written before,
    pub(super) asked: u64,
    /// and how often it has.
    pub(super) served: u64,
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
        let copying = Copying::new(shared.clone(), ear, stand_in, terminal)?;
        let builder = Builder::new().name("tractor-relay".to_owned());
        builder.spawn(on_own_thread(move || copying.run()))?;
        Ok(Self { shared, bell })
    }

    /// Keeps what is written from now on. Returns when the terminal has got all that was written before, or
    /// that is not `wanted` any more.
    pub(super) fn hold(&self, wanted: impl FnMut() -> bool) {
        self.ask(|wanted, number| wanted.hold = Some(number), wanted);
    }

    /// Brings to the terminal what is kept, and what is written from now on.
    pub(super) fn release(&self) {
        self.shared.wanted().hold = None;
        self.ring();
    }

    /// Returns when the terminal has got all that was written before.
    pub(super) fn catch_up(&self) {
        self.ask(|_, _| {}, || true);
    }

    /// Lets nobody wait for the terminal any more: this process is about to be killed.
    pub(super) fn hurry(&self) {
        self.shared.wanted().hurry = true;
        self.shared.served.notify_all();
        self.ring();
    }

    fn ask(&self, what: impl FnOnce(&mut Wanted, u64), still: impl FnMut() -> bool) {
        let number = {
            let mut wanted = self.shared.wanted();
            wanted.asked += 1;
            let number = wanted.asked;
            what(&mut wanted, number);
            number
        };
        self.ring();
        self.shared.wait(number, still);
    }

    fn ring(&self) {
        // Where there is no room, it is awake soon enough.
        let _ = send(self.bell.as_raw_fd(), &[0], MsgFlags::MSG_DONTWAIT);
    }
}

impl Shared {
    pub(super) fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the one is served who has asked with this number, as long as that is `still` wanted.
    fn wait(&self, number: u64, mut still: impl FnMut() -> bool) {
        let mut wanted = self.wanted();
        let mut last = None;
        while wanted.served < number {
            let left = match wanted.hurry {
                true => {
                    let last = *last.get_or_insert_with(|| Instant::now() + LAST);
                    last.saturating_duration_since(Instant::now())
                }
                false => LOOK,
            };
            if left.is_zero() {
                return;
            }
            drop(wanted);
            if !still() {
                return;
            }
            let before = self.wanted();
            let hurry = before.hurry;
            let woken = self
                .served
                .wait_timeout_while(before, left.min(LOOK), |now| {
                    now.served < number && now.hurry == hurry
                });
            (wanted, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::OwnedFd;

    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::pty::openpty;

    use super::super::open_pair;
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
    fn nobody_waits_for_a_terminal_that_is_held_up_longer_than_is_wanted() {
        let (relay, mut end, _person) = relay();
        // More than a terminal takes that nobody reads.
        end.write_all(&[b'x'; 20_000]).expect("it is a terminal");
        let mut asked = 0;
        relay.hold(|| {
            asked += 1;
            asked < 2
        });
        assert_eq!(asked, 2);
        std::mem::forget(OwnedFd::from(end));
    }

    #[test]
    fn what_is_kept_comes_before_the_next_who_holds() {
        let (relay, mut end, mut person) = relay();
        for number in 1000..1100 {
            relay.hold(|| true);
            write!(end, "{number}").expect("it is a terminal");
            relay.release();
            relay.hold(|| true);
            assert_eq!(read(&mut person, 4), number.to_string());
            relay.release();
        }
        // As long as the thread reads.
        std::mem::forget(OwnedFd::from(end));
    }
}

//! What signals have asked of a root, and when it is gone even if nothing else ends it.

use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How long an executor that may be blocked has to show that it is not, and one that has nothing left to do
/// has to exit.
const SIGN_OF_LIFE: Duration = Duration::from_millis(500);

/// How long one that is not blocked has to reap what it has killed, however busy the machine.
const REAPING: Duration = Duration::from_secs(10);

/// What SIGINT and SIGTERM have asked of the root so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// Nothing.
    None,
    /// To end gracefully, and exit with this code.
    Graceful(i32),
    /// To end at once, and exit with this code.
    Hard(i32),
}

/// What one signal after the other comes to. It has no clock: each is told with its time.
#[derive(Debug)]
pub(super) struct Escalation {
    asked: watch::Sender<Interrupt>,
    exit: Option<Exit>,
}

/// The end of a process whose root does not come to its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit {
    pub(super) at: Instant,
    pub(super) code: i32,
}

impl Escalation {
    /// One that tells the root what is asked of it.
    pub(super) fn new(asked: watch::Sender<Interrupt>) -> Self {
        Self { asked, exit: None }
    }

    /// What is asked by now.
    pub(super) fn asked(&self) -> Interrupt {
        *self.asked.borrow()
    }

    /// Whether the root has returned, and hears nothing any more.
    pub(super) fn is_over(&self) -> bool {
        self.asked.is_closed()
    }

    /// When to exit, if it comes to that.
    pub(super) fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// A signal asks the root to end with this code; the first one names it.
    pub(super) fn interrupt(&mut self, code: i32, now: Instant) {
        match self.asked() {
            Interrupt::None => {
                self.asked.send_replace(Interrupt::Graceful(code));
            }
            Interrupt::Graceful(first) | Interrupt::Hard(first) => {
                self.asked.send_replace(Interrupt::Hard(first));
                self.exit_soon(first, now);
            }
        }
    }

    /// The process has little time left.
    pub(super) fn exit_soon(&mut self, code: i32, now: Instant) {
        let soon = Exit {
            at: now + SIGN_OF_LIFE,
            code,
        };
        // Whoever asks again and again does not put it off.
        self.exit = match self.exit {
            Some(exit) if exit.at < soon.at => Some(exit),
            _ => Some(soon),
        };
    }

    /// The root's executor runs, and reaps what it has killed.
    pub(super) fn reaping(&mut self, now: Instant) {
        if let Some(exit) = &mut self.exit {
            exit.at = now + REAPING;
        }
    }

    /// The root has reaped, and exits unless something keeps it from that, such as a log that nobody reads.
    pub(super) fn reaped(&mut self, now: Instant) {
        if let Some(exit) = self.exit {
            self.exit_soon(exit.code, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An escalation, what its root hears, and the beginning of time.
    fn begun() -> (Escalation, watch::Receiver<Interrupt>, Instant) {
        let (asked, heard) = watch::channel(Interrupt::None);
        (Escalation::new(asked), heard, Instant::now())
    }

    #[test]
    fn first_signal_is_for_the_root_alone() {
        let (mut escalation, heard, now) = begun();
        escalation.interrupt(143, now);
        assert_eq!(*heard.borrow(), Interrupt::Graceful(143));
        assert_eq!(escalation.exit(), None);
    }

    #[test]
    fn second_signal_ends_who_shows_no_sign_of_life() {
        let (mut escalation, heard, now) = begun();
        escalation.interrupt(143, now);
        escalation.interrupt(130, now);
        assert_eq!(*heard.borrow(), Interrupt::Hard(143));
        let at = now + SIGN_OF_LIFE;
        assert_eq!(escalation.exit(), Some(Exit { at, code: 143 }));
    }

    #[test]
    fn who_asks_again_and_again_puts_nothing_off() {
        let (mut escalation, _heard, now) = begun();
        for n in 0..10 {
            escalation.interrupt(130, now + SIGN_OF_LIFE * n / 4);
        }
        let at = now + SIGN_OF_LIFE / 4 + SIGN_OF_LIFE;
        assert_eq!(escalation.exit(), Some(Exit { at, code: 130 }));
    }

    #[test]
    fn who_reaps_is_waited_for_until_a_third_signal() {
        let (mut escalation, _heard, now) = begun();
        escalation.interrupt(130, now);
        escalation.interrupt(130, now);
        escalation.reaping(now);
        let at = now + REAPING;
        assert_eq!(escalation.exit(), Some(Exit { at, code: 130 }));
        escalation.interrupt(130, now);
        let at = now + SIGN_OF_LIFE;
        assert_eq!(escalation.exit(), Some(Exit { at, code: 130 }));
    }

    #[test]
    fn who_has_reaped_has_little_time_left() {
        let (mut escalation, _heard, now) = begun();
        escalation.interrupt(130, now);
        escalation.interrupt(130, now);
        escalation.reaping(now);
        let now = now + SIGN_OF_LIFE * 2;
        escalation.reaped(now);
        let at = now + SIGN_OF_LIFE;
        assert_eq!(escalation.exit(), Some(Exit { at, code: 130 }));
    }

    #[test]
    fn nobody_is_hurried_who_was_not_asked() {
        let (mut escalation, heard, now) = begun();
        escalation.reaping(now);
        escalation.reaped(now);
        assert_eq!(escalation.exit(), None);
        assert!(!escalation.is_over());
        drop(heard);
        assert!(escalation.is_over());
        escalation.exit_soon(143, now);
        let at = now + SIGN_OF_LIFE;
        assert_eq!(escalation.exit(), Some(Exit { at, code: 143 }));
    }
}

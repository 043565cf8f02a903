//! The ladder by which a process is brought down: ask, signal, kill.
//!
//! ```text
//! Cancel ── no ack within `cancel_timeout`, ──▶ Terminate ── `kill_timeout` ──▶ Kill
//!           or no exit within `kill_timeout` of it
//! ```

use std::time::Duration;

use tokio::time::Instant;

use crate::base::{Rung, Timeouts};

/// Whoever waits again waits at least so long, and is not busy with that.
const AGAIN: Duration = Duration::from_millis(100);

/// Where on the ladder an actor stands, and how long it may stay there.
#[derive(Debug)]
pub(crate) struct Ladder {
    timeouts: Timeouts,
    rung: Rung,
    began: Option<Instant>,
    until: Option<Instant>,
}

impl Ladder {
    /// A ladder that nobody has stepped on.
    pub(crate) fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            rung: Rung::Unasked,
            began: None,
            until: None,
        }
    }

    /// The rung that was reached.
    pub(crate) fn rung(&self) -> Rung {
        self.rung
    }

    /// When the first step was taken.
    pub(crate) fn began(&self) -> Option<Instant> {
        self.began
    }

    /// When it is time for the [next](Self::next) rung.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Steps to `rung`, unless it is reached already; true when the rung has to be acted on.
    #[must_use]
    pub(crate) fn step(&mut self, rung: Rung, now: Instant) -> bool {
        if rung <= self.rung {
            return false;
        }
        self.rung = rung;
        self.began.get_or_insert(now);
        self.until = match rung {
            Rung::Cancel => now.checked_add(self.timeouts.cancel),
            Rung::Terminate => now.checked_add(self.timeouts.kill),
            Rung::Unasked | Rung::Kill => None,
        };
        true
    }

    /// Notes that the cancel request was acknowledged: the wait is now for the exit.
    pub(crate) fn acknowledged(&mut self, now: Instant) {
        if self.rung == Rung::Cancel {
            self.until = now.checked_add(self.timeouts.kill);
        }
    }

    /// Waits as long again on this rung.
    pub(crate) fn wait_again(&mut self, now: Instant) {
        let most = self.timeouts.cancel.max(self.timeouts.kill).max(AGAIN);
        self.until = self.until.and(now.checked_add(most));
    }

    /// The rung after this one.
    pub(crate) fn next(&self) -> Rung {
        match self.rung {
            Rung::Unasked => Rung::Cancel,
            Rung::Cancel => Rung::Terminate,
            Rung::Terminate | Rung::Kill => Rung::Kill,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANCEL: Duration = Duration::from_millis(500);
    const KILL: Duration = Duration::from_millis(1600);

    fn ladder() -> (Ladder, Instant) {
        let timeouts = Timeouts {
            cancel: CANCEL,
            kill: KILL,
        };
        (Ladder::new(timeouts), Instant::now())
    }

    #[test]
    fn rungs_follow_each_other_in_time() {
        let (mut ladder, now) = ladder();
        assert!(ladder.step(ladder.next(), now));
        assert_eq!(
            (ladder.rung(), ladder.until()),
            (Rung::Cancel, Some(now + CANCEL))
        );
        ladder.acknowledged(now);
        assert_eq!(ladder.until(), Some(now + KILL));
        assert!(ladder.step(ladder.next(), now + KILL));
        assert_eq!(
            (ladder.rung(), ladder.until()),
            (Rung::Terminate, Some(now + KILL + KILL))
        );
        assert!(ladder.step(ladder.next(), now + KILL + KILL));
        assert_eq!((ladder.rung(), ladder.until()), (Rung::Kill, None));
        assert_eq!(ladder.began(), Some(now));
    }

    #[test]
    fn who_waits_again_is_not_busy() {
        for (timeout, waits) in [(Duration::ZERO, AGAIN), (KILL, KILL)] {
            let timeouts = Timeouts {
                cancel: timeout,
                kill: timeout,
            };
            let (mut ladder, now) = (Ladder::new(timeouts), Instant::now());
            assert!(ladder.step(Rung::Cancel, now));
            ladder.wait_again(now);
            assert_eq!(ladder.until(), Some(now + waits));
        }
    }

    #[test]
    fn nobody_steps_down() {
        let (mut ladder, now) = ladder();
        assert!(ladder.step(Rung::Kill, now));
        assert!(!ladder.step(Rung::Cancel, now));
        assert!(!ladder.step(Rung::Kill, now));
        assert_eq!(ladder.rung(), Rung::Kill);
    }

    #[test]
    fn late_acknowledgement_changes_nothing() {
        let (mut ladder, now) = ladder();
        assert!(ladder.step(Rung::Terminate, now));
        let until = ladder.until();
        ladder.acknowledged(now + CANCEL);
        assert_eq!(ladder.until(), until);
    }
}

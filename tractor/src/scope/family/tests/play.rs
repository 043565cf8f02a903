//! A family that is played.

use std::time::{Duration, Instant};

use crate::base::Rung;
use crate::scope::family::{Action, ChildId, Family, How, Verdict};
use crate::scope::restart::{Restart, RestartPolicy, RestartType};

/// Back-off is 10 ms, and then doubles.
const BACKOFF: Duration = Duration::from_millis(10);
pub(super) const WINDOW: Duration = Duration::from_secs(5);

pub(super) fn policy(strategy: Restart) -> RestartPolicy {
    RestartPolicy {
        strategy,
        max: 3,
        window: WINDOW,
        backoff: BACKOFF..=Duration::from_secs(1),
    }
}

/// A family, with the time that its test says it is.
pub(super) struct Play {
    pub(super) family: Family,
    pub(super) now: Instant,
}

impl Play {
    pub(super) fn new(policy: RestartPolicy) -> Self {
        let (family, now) = (Family::new(policy), Instant::now());
        Self { family, now }
    }

    /// Permanent children, all of them up.
    pub(super) fn with_up(strategy: Restart, children: ChildId) -> Self {
        let mut play = Self::new(policy(strategy));
        for id in 0..children {
            play.family.add(id, RestartType::Permanent);
            assert_eq!(play.family.actions(), [start(id)]);
            play.started(id);
        }
        play
    }

    pub(super) fn started(&mut self, id: ChildId) {
        self.family.started(id, self.now);
    }

    /// The child's process ends, and nobody has asked for the end of the child.
    pub(super) fn ended(&mut self, id: ChildId, how: How) -> Verdict {
        self.family.ended(id, how, false, self.now, 1.0)
    }

    pub(super) fn passes(&mut self, time: Duration) {
        self.now += time;
    }

    #[track_caller]
    pub(super) fn expect<const N: usize>(&mut self, actions: [Action; N]) {
        assert_eq!(self.family.actions(), actions);
    }
}

pub(super) fn start(id: ChildId) -> Action {
    Action::Start(id, Duration::ZERO)
}

pub(super) fn start_after(id: ChildId, backoffs: u32) -> Action {
    Action::Start(id, BACKOFF * backoffs)
}

pub(super) fn stop(id: ChildId) -> Action {
    Action::Stop(id, Rung::Cancel)
}

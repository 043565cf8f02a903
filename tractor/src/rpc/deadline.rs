//! How long a call may take.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::current::current_deadline;
use crate::base::{DeadlineExceeded, Error, Result};

/// How long something may take, as it was asked for; what is asked for twice only gets shorter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TimeLimit {
    timeout: Option<Duration>,
    not_after: Option<Instant>,
    /// Of what this is a part of.
    begun: Option<Deadline>,
    /// It is no part of the call that is being answered here.
    detached: bool,
}

/// When something that has begun has to be over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    /// The time there was for it when it began.
    timeout: Duration,
}

impl TimeLimit {
    /// No longer than `timeout` from the beginning.
    pub(crate) fn timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout.min(self.timeout.unwrap_or(timeout)));
    }

    /// No longer than until `deadline`.
    pub(crate) fn deadline(&mut self, deadline: std::time::Instant) {
        let deadline = Instant::from_std(deadline);
        self.not_after = Some(deadline.min(self.not_after.unwrap_or(deadline)));
    }

    /// No longer than what has begun already.
    pub(crate) fn part_of(&mut self, begun: Deadline) {
        self.begun = Some(begun);
    }

    /// It does not end with the call that is being answered here.
    pub(crate) fn detached(&mut self) {
        self.detached = true;
    }

    /// The deadline of what begins now: the soonest of its own, and of the call that is being
    /// answered here.
    #[inline]
    pub(crate) fn begin(self) -> Option<Deadline> {
        let current = current_deadline().filter(|_| !self.detached);
        let not_after = [self.not_after, current];
        let not_after = not_after.into_iter().flatten().min();
        if self.timeout.is_none() && not_after.is_none() {
            // Most calls have no limit, and need no look at the clock.
            return self.begun;
        }
        let now = Instant::now();
        let own = self.timeout.and_then(|timeout| now.checked_add(timeout));
        let limits = [own, not_after];
        let own = limits.into_iter().flatten().min().map(|at| Deadline {
            at,
            timeout: at.saturating_duration_since(now),
        });
        // Of two at the same time, the one that tells the time there was for the whole.
        let limits = [self.begun, own];
        limits.into_iter().flatten().min_by_key(|limit| limit.at)
    }
}

impl Deadline {
    /// The point in time.
    pub(super) fn at(self) -> Instant {
        self.at
    }

    /// Awaits what is a part of a call of `function`, until the deadline if there is one.
    pub(crate) async fn bound<T>(
        deadline: Option<Self>,
        function: &str,
        part: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let Some(deadline) = deadline else {
            return part.await;
        };
        timeout_at(deadline.at, part)
            .await
            .unwrap_or_else(|_| Err(deadline.exceeded(function)))
    }

    /// What is left until then.
    pub(super) fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// What a call of `function` fails with that was not over by then.
    pub(super) fn exceeded(self, function: &str) -> Error {
        DeadlineExceeded::new(function, self.timeout).into()
    }
}

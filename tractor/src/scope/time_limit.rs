//! How long a one-shot may take.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::base::{DeadlineExceeded, Error, Result};
use crate::rpc::{Rpc, Run, current_deadline};

/// How long a one-shot may take, from its start to its result, however often it is restarted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TimeLimit(Option<Deadline>);

#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    timeout: Duration,
}

impl TimeLimit {
    /// The limit of what begins now: the soonest of its own, and of the call that is being
    /// answered here.
    pub(super) fn begin(timeout: Option<Duration>, not_after: Option<Instant>) -> Self {
        let now = Instant::now();
        let own = timeout.and_then(|timeout| now.checked_add(timeout));
        let limits = [own, not_after, current_deadline()];
        Self(limits.into_iter().flatten().min().map(|at| Deadline {
            at,
            timeout: at.saturating_duration_since(now),
        }))
    }

    /// Waits for the start of an actor for `F`, within the limit.
    pub(super) async fn start<F: Rpc, T>(
        self,
        start: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match self.0 {
            None => start.await,
            Some(limit) => timeout_at(limit.at, start)
                .await
                .unwrap_or_else(|_| Err(limit.exceeded::<F>())),
        }
    }

    /// Makes the call, within the limit.
    pub(super) async fn run<F: Rpc>(self, run: Run<F>) -> Result<F::Output> {
        let Some(limit) = self.0 else {
            return run.await;
        };
        match run.deadline(limit.at.into_std()).await {
            // It counts from the start of the one-shot, not from that of the call.
            Err(Error::DeadlineExceeded(_)) => Err(limit.exceeded::<F>()),
            answer => answer,
        }
    }
}

impl Deadline {
    fn exceeded<F: Rpc>(self) -> Error {
        DeadlineExceeded::new(F::PATH, self.timeout).into()
    }
}

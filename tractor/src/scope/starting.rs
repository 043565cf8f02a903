//! A one-shot on its way to its process.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::base::Result;
use crate::rpc::{Deadline, TimeLimit};

/// A one-shot that is being started; resolves when its actor is ready for the call.
///
/// Nothing is started before the first poll. A one-shot that is started while a call is answered
/// has no longer than that call, as a call that is made there has; [`timeout`](Self::timeout) and
/// [`deadline`](Self::deadline) make it shorter. One that takes too long is cancelled and fails its
/// scope with [`DeadlineExceeded`](crate::Error::DeadlineExceeded). The time is that of the whole:
/// of the start, the call, and all restarts of the actor.
///
/// ```no_run
/// # use std::time::Duration;
/// # #[tractor::rpc] async fn burn_cpu(rounds: u32) {}
/// # async fn example(an: tractor::Nursery) -> tractor::Result<()> {
/// let burnt = an.run_in_actor(burn_cpu(1000)).timeout(Duration::from_secs(10)).await?;
/// burnt.result().await
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropped before it is ready, the actor is brought down.
//
// A type of its own, because an `async fn` repeats an error in its bounds at every await.
#[must_use = "a one-shot starts when this is awaited"]
pub struct Starting<'a, T> {
    /// Taken at the first poll.
    start: Option<Start<'a, T>>,
    started: Option<Started<'a, T>>,
    limit: TimeLimit,
}

/// Starts the one-shot, to be over by its deadline.
type Start<'a, T> = Box<dyn FnOnce(Option<Deadline>) -> Started<'a, T> + Send + 'a>;

type Started<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl<'a, T> Starting<'a, T> {
    pub(super) fn new<S>(start: impl FnOnce(Option<Deadline>) -> S + Send + 'a) -> Self
    where
        S: Future<Output = Result<T>> + Send + 'a,
    {
        Self {
            start: Some(Box::new(|deadline| Box::pin(start(deadline)))),
            started: None,
            limit: TimeLimit::default(),
        }
    }

    /// Gives the one-shot no longer than `timeout`, counted from the first poll.
    ///
    /// Calls that its function makes in turn have no longer than what is left of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limit.timeout(timeout);
        self
    }

    /// Gives the one-shot no longer than until `deadline`.
    ///
    /// Calls that its function makes in turn have the same deadline.
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        self.limit.deadline(deadline);
        self
    }
}

impl<T> Future for Starting<'_, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(start) = this.start.take() {
            this.started = Some(start(this.limit.begin()));
        }
        let started = this.started.as_mut();
        started.expect("it was started").as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Starting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Starting(..)")
    }
}

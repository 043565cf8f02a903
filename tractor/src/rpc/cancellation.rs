//! How a handler learns that its call is cancelled.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

use crate::base::Aid;

/// Tells a handler who cancelled its call, and why.
///
/// See [`CurrentCall::cancelled`](crate::CurrentCall::cancelled).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    canceller: Aid,
    reason: CancelReason,
}

/// Why a call was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelReason {
    /// The caller dropped it.
    Dropped,
    /// Its deadline has passed, by the callee's clock; by the caller's it passes a moment sooner, and
    /// what is cancelled in between counts as [`Dropped`](Self::Dropped).
    DeadlineExceeded,
    /// The actor that answers it is being ended.
    ActorCancelled,
}

impl Cancellation {
    pub(super) fn new(canceller: Aid, reason: CancelReason) -> Self {
        Self { canceller, reason }
    }

    /// The actor that asked for it.
    pub fn canceller(&self) -> &Aid {
        &self.canceller
    }

    /// Why it asked.
    pub fn reason(&self) -> CancelReason {
        self.reason
    }
}

impl fmt::Display for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cancelled by {}: {}", self.canceller, self.reason)
    }
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "the caller dropped the call",
            Self::DeadlineExceeded => "its deadline has passed",
            Self::ActorCancelled => "the actor is being ended",
        })
    }
}

/// Between the server of a link and one handler; clones are the same.
#[derive(Clone, Default)]
pub(super) struct CancelLine(Arc<Line>);

#[derive(Default)]
struct Line {
    cancellation: OnceLock<Cancellation>,
    /// The handler is to be dropped at its next await.
    dropping: AtomicBool,
    /// The task that polls the handler.
    task: AtomicWaker,
    /// Everybody in the handler who waits for the cancellation.
    told: Notify,
}

impl CancelLine {
    /// Tells the handler; the first cancellation is the one that stays.
    pub(super) fn tell(&self, cancellation: Cancellation) {
        let _ = self.0.cancellation.set(cancellation);
        self.0.told.notify_waiters();
    }

    /// Has the handler polled once more, and dropped unless it is shielded.
    pub(super) fn drop_handler(&self) {
        self.0.dropping.store(true, Ordering::Release);
        self.0.task.wake();
    }

    /// True when the handler is to be dropped; `waker` is woken when that changes.
    pub(super) fn poll_dropping(&self, waker: &Waker) -> bool {
        self.0.task.register(waker);
        self.0.dropping.load(Ordering::Acquire)
    }

    /// The cancellation, once there is one.
    pub(super) fn cancellation(&self) -> Option<&Cancellation> {
        self.0.cancellation.get()
    }

    /// Resolves with the cancellation. Cancel safe.
    pub(super) async fn cancelled(&self) -> &Cancellation {
        loop {
            // Listened for before it is looked at: what comes between wakes as well.
            let told = self.0.told.notified();
            if let Some(cancellation) = self.cancellation() {
                return cancellation;
            }
            told.await;
        }
    }
}

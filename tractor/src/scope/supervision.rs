//! The scope itself: its body, and what it returns.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use crate::base::{Aid, Cancelled, Error, Result, in_body, until_cancelled};
use crate::session::{HeldEnds, Holding};

/// The scope itself. When it is dropped, everything in it is torn down.
pub(super) struct Supervision {
    me: Aid,
    ended: oneshot::Sender<Ending>,
    failing: watch::Receiver<bool>,
    done: oneshot::Receiver<Vec<Error>>,
}

/// What becomes of the children when the body has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The scope waits until they have ended by themselves; daemons that hold it up are named.
    Linger,
    /// The scope waits for them, which is what it is there for.
    Hold,
    /// They are cancelled.
    Cancel,
}

impl Supervision {
    /// A scope; and for its supervisor, how the body ends (closed when the scope is dropped), and
    /// where the failures go once the last child is gone.
    pub(super) fn new(
        me: Aid,
        failing: watch::Receiver<bool>,
    ) -> (Self, oneshot::Receiver<Ending>, oneshot::Sender<Vec<Error>>) {
        let (end, ended) = oneshot::channel();
        let (tell, done) = oneshot::channel();
        let supervision = Self {
            me,
            ended: end,
            failing,
            done,
        };
        (supervision, ended, tell)
    }

    /// Runs the body until it ends or a child fails, then waits for the last child (S1). What
    /// becomes of the children after a clean end, `ending` says.
    pub(super) async fn run<T, E: From<Error>>(
        mut self,
        ending: Ending,
        body: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        // A handler that fails with this scope is not over before the last child is.
        let mut held = HeldEnds::default();
        let ended = {
            let body = Holding::new(body, &mut held);
            let body = AssertUnwindSafe(until_failure(body, &mut self.failing));
            body.catch_unwind().await
        };
        if let Ok(Some(Ok(_))) = ended {
            held.tell();
        }
        let ending = match &ended {
            Ok(Some(Ok(_))) => ending,
            _ => Ending::Cancel,
        };
        let me = self.me.clone();
        match (ended, self.wind_down(ending).await) {
            (Err(panic), _) => resume_unwind(panic),
            // The body's own error is what it made of a child's failure, and says more.
            (Ok(Some(Err(error))), _) => Err(error),
            (Ok(Some(Ok(value))), None) => Ok(value),
            (Ok(_), Some(failure)) => Err(failure.into()),
            // The actor itself ends, and the body with it.
            (Ok(None), None) => Err(Error::from(Cancelled::new(me)).into()),
        }
    }

    /// Waits for the last child, and gives what failed.
    ///
    /// Like the other part of a scope that is the same for every body, it is on the heap, so that it
    /// is compiled here, and not with every program.
    fn wind_down(self, ending: Ending) -> BoxFuture<'static, Option<Error>> {
        Box::pin(async move {
            let _ = self.ended.send(ending);
            Error::collect(self.done.await.unwrap_or_default())
        })
    }
}

/// The body's result; `None` when it was dropped because a child failed.
///
/// Calls on the dead child are resolved before the failure is told, so that the body sees its own
/// errors in the one poll that it has left.
async fn until_failure<T>(
    body: impl Future<Output = T>,
    failing: &mut watch::Receiver<bool>,
) -> Option<T> {
    let seen = failing.clone();
    let mut body = pin!(body);
    let body = poll_fn(|cx| in_body(&seen, || body.as_mut().poll(cx)));
    until_cancelled(body, until(failing)).await
}

/// Resolves when a child fails.
fn until(failing: &mut watch::Receiver<bool>) -> BoxFuture<'_, ()> {
    Box::pin(async {
        if failing.wait_for(|failing| *failing).await.is_err() {
            // The supervisor ended without a failure; it ends after the body, so never first.
            pending::<()>().await;
        }
    })
}

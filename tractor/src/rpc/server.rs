//! Answers the peer's calls: looks them up, runs them, cancels them.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::claim::Claim;
use super::current::CurrentCall;
use super::handler::BoxHandler;
use super::panic::catch;
use super::registry::{Exposed, Refusal};
use super::reply::{Canceller, Reply};
use super::running::Running;
use super::stop::{Kept, debugger};
use super::trace::HandlerSpan;
use crate::Error;
use crate::base::{Aid, ModuleNotExposed, Shields, UnknownFunction};
use crate::session::{Dispatch, Link, Request};
use crate::wire::{CallId, Violation};

/// How handlers are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstPoll {
    /// By the link's driver, without a task: one thread would run both anyway.
    Inline,
    /// In a task of its own, so that several threads can share the work.
    Spawned,
}

/// Answers the calls that arrive on one link.
pub(crate) struct Server {
    link: Link,
    exposed: Exposed,
    first_poll: FirstPoll,
    max_in_flight: usize,
    running: Running,
    canceller: Canceller,
    cancelled: Option<oneshot::Sender<Aid>>,
}

impl Server {
    /// A server, the handlers it runs, and word of the peer's wish to end this actor.
    pub(crate) fn new(
        link: Link,
        exposed: Exposed,
        first_poll: FirstPoll,
        max_in_flight: usize,
    ) -> (Self, Running, oneshot::Receiver<Aid>) {
        let running = Running::new();
        let (cancelled, word) = oneshot::channel();
        let server = Self {
            link,
            exposed,
            first_poll,
            max_in_flight,
            running: running.clone(),
            canceller: Canceller::default(),
            cancelled: Some(cancelled),
        };
        (server, running, word)
    }

    fn refuse(&self, call: CallId, refusal: &Refusal, request: &Request) {
        let me = self.link.me().clone();
        let (path, error): (_, Error) = match refusal {
            Refusal::NotExposed(entry) => {
                let modules = self.exposed.modules().to_vec();
                let error = ModuleNotExposed::new(me, entry.path(), modules);
                (entry.path(), error.into())
            }
            Refusal::Unknown => (
                "unknown",
                UnknownFunction::new(me, request.function.0).into(),
            ),
        };
        tracing::warn!(function = path, caller = %self.link.peer(), "refused a call: {error}");
        self.reply(call, path).fail(error);
    }

    fn reply(&self, call: CallId, function: &'static str) -> Reply {
        Reply::new(self.link.clone(), call, function, self.canceller.clone())
    }
}

impl Dispatch for Server {
    fn start(&mut self, request: Request, cx: &mut Context<'_>) -> Result<(), Violation> {
        let call = request.call;
        self.running.admit(call, self.max_in_flight)?;
        // Invariant A1: the list is asked whatever the caller's types said.
        let entry = match self.exposed.find(request.function) {
            Ok(entry) => entry,
            Err(refusal) => {
                self.refuse(call, &refusal, &request);
                return Ok(());
            }
        };
        let mut reply = self.reply(call, entry.path());
        let mut trace = request.trace;
        reply.span = HandlerSpan::open(entry, self.link.peer(), &mut trace);
        if self.cancelled.is_none() {
            // The actor is ending: the reply says so when it is dropped.
            return Ok(());
        }
        let deadline = request
            .remaining
            .and_then(|left| Instant::now().checked_add(left));
        let claim = entry.is_blocking().then(Claim::default);
        let current = CurrentCall::new(
            entry.path(),
            (self.link.clone(), call),
            self.exposed.modules().clone(),
            deadline,
            trace,
            claim,
            debugger().map(|debugger| Kept::new(debugger, entry, request.args.clone())),
        );
        let handler = match catch(|| entry.start(&request.args)) {
            Ok(Ok(handler)) => handler,
            Ok(Err(error)) => {
                reply.fail(error.into());
                return Ok(());
            }
            // A `Deserialize` of the user can panic, too.
            Err(caught) => {
                reply.panicked(*caught);
                return Ok(());
            }
        };
        let handler = match &reply.span {
            None => handler,
            Some(span) => span.around(handler),
        };
        let mut task = HandlerTask {
            handler: Some(handler),
            reply,
            current: Some(current),
            shields: Shields::default(),
        };
        if self.first_poll == FirstPoll::Inline && Pin::new(&mut task).poll(cx).is_ready() {
            return Ok(());
        }
        if let Some(current) = &mut task.current {
            current.open_line();
            task.reply.hold(self.running.list(call, current.clone()));
        }
        self.running.spawn(call, task);
        Ok(())
    }

    fn cancel(&mut self, call: CallId) {
        // Invariant C3: the call ends, and not the actor, which others use.
        self.running.cancel(call);
    }

    fn cancel_actor(&mut self, by: Aid) {
        tracing::debug!(%by, "cancelled");
        // The first canceller is the one that the callers are told.
        let _ = self.canceller.set(by.clone());
        self.running.cancel_all(&by);
        if let Some(cancelled) = self.cancelled.take() {
            let _ = cancelled.send(by);
        }
    }
}

/// A handler and the reply it owes. The handler is dropped first: a cancelled call is acknowledged
/// when its code is gone, not before.
struct HandlerTask {
    handler: Option<BoxHandler>,
    reply: Reply,
    current: Option<CurrentCall>,
    shields: Shields,
}

impl Future for HandlerTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self {
            handler: slot,
            reply,
            current,
            shields,
        } = &mut *self;
        let Some(handler) = slot else {
            return Poll::Ready(());
        };
        // Asked before the poll: a handler that is cancelled is polled once more to see that.
        let line = current.as_ref().and_then(CurrentCall::line);
        let dropping = line.is_some_and(|line| line.poll_dropping(cx.waker()));
        let polled = CurrentCall::scope(current, || {
            shields.around(|| catch(|| handler.as_mut().poll(cx, reply)))
        });
        match polled {
            Ok(Poll::Pending) if dropping && !shields.are_up() => {
                drop_handler(slot.take(), reply, current);
                Poll::Ready(())
            }
            Ok(Poll::Pending) => Poll::Pending,
            ended => {
                if let Err(caught) = ended {
                    reply.panicked(*caught);
                }
                let Some(again) = reply.take_again() else {
                    return Poll::Ready(());
                };
                drop_handler(slot.replace(again), reply, current);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

/// Drops a handler whose answer is still owed.
fn drop_handler(handler: Option<BoxHandler>, reply: &mut Reply, current: &mut Option<CurrentCall>) {
    let dropped = CurrentCall::scope(current, || {
        let _held = reply.hold_ends();
        catch(|| drop(handler))
    });
    if let Err(caught) = dropped {
        tracing::error!(
            message = caught.report.message,
            "a handler that is dropped panicked"
        );
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;

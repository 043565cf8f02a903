//! A session, shared between the tasks of an actor.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;

use super::core::{Action, Core, Limits, StartError};
use super::queue::Place;
use crate::base::{Aid, Error};
use crate::wire::{CallId, EncodeError, Encoder, FunctionId, Message, Violation};

/// A handle to one session; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    me: Aid,
    peer: Aid,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    core: Core,
    /// The driver's waker while it sleeps; taken by whoever first has something to write.
    driver: Option<Waker>,
}

/// How many tasks that wait for room are woken in one turn of the driver.
const CALLED_AT_ONCE: usize = 16;

/// A turn in the line for room on a link; whoever leaves the line has to
/// [give it up](Link::give_up).
#[derive(Debug, Default)]
pub(crate) struct Ticket(Option<Place>);

impl Ticket {
    /// True while its holder stands in the line.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.is_some()
    }
}

/// Which line a [`Ticket`] is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Line {
    /// Calls to the peer.
    Calls,
    /// Answers to the peer's calls.
    Answers,
}

impl Link {
    pub(crate) fn new(me: Aid, peer: Aid, limits: Limits) -> Self {
        Self {
            shared: Arc::new(Shared {
                me,
                peer,
                state: Mutex::new(State {
                    core: Core::new(limits),
                    driver: None,
                }),
            }),
        }
    }

    /// The actor at this end.
    pub(crate) fn me(&self) -> &Aid {
        &self.shared.me
    }

    /// The actor at the other end.
    pub(crate) fn peer(&self) -> &Aid {
        &self.shared.peer
    }

    /// Waits for room for one answer.
    pub(crate) fn poll_answer(&self, ticket: &mut Ticket, cx: &mut Context<'_>) -> Poll<()> {
        self.lock().core.poll_answer(&mut ticket.0, cx.waker())
    }

    /// Leaves the line without having used the turn.
    pub(crate) fn give_up(&self, line: Line, ticket: &mut Ticket) {
        let Some(place) = ticket.0.take() else {
            return;
        };
        let mut state = self.lock();
        let next = match line {
            Line::Calls => state.core.leave_callers(place),
            Line::Answers => state.core.leave_answerers(place),
        };
        // The driver goes on calling if the next one does not come.
        let driver = state.driver.take();
        drop(state);
        wake(next);
        wake(driver);
    }

    /// Starts a call as soon as there is room for it; `args` writes its arguments straight into the
    /// outbound buffer.
    pub(crate) fn poll_start(
        &self,
        ticket: &mut Ticket,
        cx: &mut Context<'_>,
        function: FunctionId,
        remaining: Option<Duration>,
        args: impl FnOnce(&mut Encoder<'_>) -> Result<(), EncodeError>,
    ) -> Poll<Result<CallId, StartError>> {
        // One turn leads to the next, also when `args`, which is user code, panics.
        let _next = NextCaller(self);
        let mut state = self.lock();
        ready!(state.core.poll_call(&mut ticket.0, cx.waker()));
        let started = state.core.start(function, remaining, args);
        self.written(state);
        Poll::Ready(started)
    }

    /// The answer of a call.
    pub(crate) fn poll(&self, call: CallId, cx: &mut Context<'_>) -> Poll<Result<Bytes, Error>> {
        self.lock().core.poll(call, cx.waker())
    }

    /// Drops a call (C2).
    pub(crate) fn abandon(&self, call: CallId) {
        let mut state = self.lock();
        state.core.abandon(call);
        self.written(state);
    }

    /// Answers a call of the peer with a value.
    pub(crate) fn give_back(
        &self,
        call: CallId,
        value: impl FnOnce(&mut Encoder<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.answer(|core| core.give_back(call, value))
    }

    /// Answers a call of the peer with a failure.
    pub(crate) fn fail(&self, call: CallId, error: &Error) -> Result<(), EncodeError> {
        self.answer(|core| core.fail(call, error))
    }

    /// Acknowledges that a call of the peer was cancelled by `by`, and is gone (C2).
    pub(crate) fn acknowledge(&self, call: CallId, by: &Aid) {
        self.answer(|core| core.acknowledge(call, by));
    }

    /// Asks the peer to end itself.
    pub(crate) fn cancel_actor(&self, by: &Aid) {
        let mut state = self.lock();
        state.core.cancel_actor(by);
        self.written(state);
    }

    /// Resolves when the peer has read that it is to end.
    pub(crate) async fn actor_ack(&self) {
        std::future::poll_fn(|cx| self.lock().core.poll_actor_ack(cx.waker())).await;
    }

    /// Ends the session: everything in flight fails with `error`, and so does every later call.
    pub(crate) fn close(&self, error: &Error) {
        let wakers = self.lock().core.close(error);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// False once no call can be started here any more.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().core.is_open()
    }

    /// True once the peer is being replaced.
    pub(crate) fn is_retired(&self) -> bool {
        self.lock().core.is_retired()
    }

    /// Why the session is closed, once it is.
    pub(crate) fn closed(&self) -> Option<Error> {
        self.lock().core.closed().cloned()
    }

    /// Notes that the peer is about to be replaced by another process: nothing more is started
    /// here, and what is in flight is told how the peer ended.
    pub(crate) fn retire(&self) {
        let wakers = self.lock().core.retire();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Handles one message of the peer.
    pub(super) fn receive(&self, message: Message) -> Result<Received, Violation> {
        let mut state = self.lock();
        // The driver is at work, and looks at the outbound buffer before it sleeps again.
        state.driver = None;
        let action = state.core.receive(message)?;
        let next = state.core.next_caller();
        Ok(Received { action, next })
    }

    /// Hands a batch of frames over with `swap`, or notes that the driver sleeps.
    pub(super) fn take_outbound(&self, cx: &mut Context<'_>, swap: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.lock();
        if state.core.outbound().is_empty() {
            let core = &mut state.core;
            let next = || core.next_answerer().or_else(|| core.next_caller());
            let called: Vec<_> = std::iter::from_fn(next).take(CALLED_AT_ONCE).collect();
            state.driver = Some(cx.waker().clone());
            drop(state);
            if called.len() == CALLED_AT_ONCE {
                // There may be more, and those may be the ones that are polled.
                cx.waker().wake_by_ref();
            }
            called.into_iter().for_each(Waker::wake);
            return;
        }
        swap(state.core.outbound());
        let (answerer, caller) = (state.core.next_answerer(), state.core.next_caller());
        drop(state);
        wake(answerer);
        wake(caller);
    }

    fn answer<T>(&self, write: impl FnOnce(&mut Core) -> T) -> T {
        let mut state = self.lock();
        let result = write(&mut state.core);
        let next = state.core.next_answerer();
        self.written(state);
        wake(next);
        result
    }

    /// Wakes the driver if it sleeps and there is something to write.
    fn written(&self, mut state: MutexGuard<'_, State>) {
        if state.core.outbound().is_empty() {
            return;
        }
        let driver = state.driver.take();
        // Woken after the lock is given back: a woken task may run at once on another thread.
        drop(state);
        wake(driver);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // User code runs under the lock only while it encodes a value, and a panic there takes
        // the half-written frame back: the state is whole, whatever the poison says.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls the next caller when it is dropped.
struct NextCaller<'a>(&'a Link);

impl Drop for NextCaller<'_> {
    fn drop(&mut self) {
        wake(self.0.lock().core.next_caller());
    }
}

/// What one message led to.
pub(super) struct Received {
    pub(super) action: Action,
    /// The caller that a freed slot lets in.
    pub(super) next: Option<Waker>,
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

//! A session, shared between the tasks of an actor.

mod driving;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;

use super::core::{Core, Limits, Standstill, StartError};
use super::in_flight::Begun;
use super::queue::Place;
use super::stream::{StreamHalves, halves};
use super::traffic::Traffic;
use crate::base::{Aid, Coarse, Error};
use crate::wire::{CallId, Content, EncodeError, End, FunctionId, Terms};

pub(super) use self::driving::Received;

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

    /// Starts a call of the function with this id and path as soon as there is room for it; `args` writes
    /// its arguments straight into the outbound buffer. Who polls this is woken when the answer [is there](Self::poll).
    pub(crate) fn poll_start(
        &self,
        ticket: &mut Ticket,
        cx: &mut Context<'_>,
        (function, path): (FunctionId, &'static str),
        terms: &Terms<'_>,
        args: &mut Content<'_>,
    ) -> Poll<Result<CallId, StartError>> {
        let begun = begin(path);
        let start = |core: &mut Core| Ok((core.start(function, begun, terms, args)?, ()));
        self.poll_turn(ticket, cx, start).map_ok(|(call, ())| call)
    }

    /// [`poll_start`](Self::poll_start) of a call that has a stream.
    pub(crate) fn poll_start_stream(
        &self,
        ticket: &mut Ticket,
        cx: &mut Context<'_>,
        (function, path): (FunctionId, &'static str),
        terms: &Terms<'_>,
        args: &mut Content<'_>,
    ) -> Poll<Result<(CallId, StreamHalves), StartError>> {
        let begun = begin(path);
        self.poll_turn(ticket, cx, |core| {
            let call = core.start(function, begun, terms, args)?;
            // At once: the peer may answer before this one has another turn.
            let key = core.open_stream(call, End::Caller, path);
            Ok((call, halves(self, key, core.limits())))
        })
    }

    /// Starts a call in its turn, and begins to wait for the answer.
    fn poll_turn<T>(
        &self,
        ticket: &mut Ticket,
        cx: &mut Context<'_>,
        start: impl FnOnce(&mut Core) -> Result<(CallId, T), StartError>,
    ) -> Poll<Result<(CallId, T), StartError>> {
        // One turn leads to the next, also when encoding, which is user code, panics.
        let mut next = NextCaller(Some(self));
        let mut state = self.lock();
        ready!(state.core.poll_call(&mut ticket.0, cx.waker()));
        let started = start(&mut state.core);
        if let Ok((call, _)) = &started {
            let answer = state.core.poll(*call, cx.waker());
            debug_assert!(answer.is_pending(), "the peer has not read the call yet");
        }
        next.0 = None;
        let caller = state.core.next_caller();
        self.written(state);
        wake(caller);
        Poll::Ready(started)
    }

    /// Opens the stream of a call of the peer that is being answered here.
    pub(crate) fn accept_stream(&self, call: CallId, path: &'static str) -> StreamHalves {
        let mut state = self.lock();
        let key = state.core.open_stream(call, End::Callee, path);
        halves(self, key, state.core.limits())
    }

    /// Tells the peer that the context which it has called has begun.
    pub(crate) fn say_started(
        &self,
        call: CallId,
        value: &mut Content<'_>,
    ) -> Result<(), EncodeError> {
        self.on_core(|core| core.say_started(call, value))
    }

    /// The answer of a call.
    #[inline]
    pub(crate) fn poll(&self, call: CallId, cx: &mut Context<'_>) -> Poll<Result<Bytes, Error>> {
        self.lock().core.poll(call, cx.waker())
    }

    /// Drops a call (C2).
    pub(crate) fn abandon(&self, call: CallId) {
        let wakers = self.on_core(|core| core.abandon(call));
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Cuts the stream of a call off, because of what becomes of that.
    pub(crate) fn cut_off(&self, call: CallId, why: &Error) {
        let wakers = self.on_core(|core| core.cut_off(call, why));
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Asks the peer to cancel a call, whose answer is still awaited.
    pub(crate) fn cancel(&self, call: CallId) {
        self.on_core(|core| core.cancel(call));
    }

    /// Answers a call of the peer with a value, as soon as what its handler has sent on its stream
    /// is on its way and there is room.
    pub(crate) fn poll_give_back(
        &self,
        ticket: &mut Ticket,
        cx: &mut Context<'_>,
        call: CallId,
        value: &mut Content<'_>,
    ) -> Poll<Result<(), EncodeError>> {
        let mut state = self.lock();
        ready!(state.core.poll_flushed_by(call, cx));
        ready!(state.core.poll_answer(&mut ticket.0, cx.waker()));
        Poll::Ready(self.answer(state, call, |core| core.give_back(call, value)))
    }

    /// Answers a call of the peer with a failure.
    pub(crate) fn fail(&self, call: CallId, error: &Error) -> Result<(), EncodeError> {
        self.answer(self.lock(), call, |core| core.fail(call, error))
    }

    /// Acknowledges that a call of the peer was cancelled by `by`, and is gone (C2).
    pub(crate) fn acknowledge(&self, call: CallId, by: &Aid) {
        self.answer(self.lock(), call, |core| {
            core.acknowledge(call, by);
            Ok::<_, std::convert::Infallible>(())
        })
        .unwrap_or_else(|never| match never {});
    }

    /// Asks the peer to end itself.
    pub(crate) fn cancel_actor(&self, by: &Aid) {
        self.on_core(|core| core.cancel_actor(by));
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

    /// What is under way on the link, as this end has it.
    pub(crate) fn traffic(&self) -> Traffic {
        Traffic::of(&self.lock().core, self.peer())
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

    /// Writes the answer of a call; with it, the call's stream is over.
    #[inline]
    fn answer<E>(
        &self,
        mut state: MutexGuard<'_, State>,
        call: CallId,
        write: impl FnOnce(&mut Core) -> Result<(), E>,
    ) -> Result<(), E> {
        let written = write(&mut state.core);
        // An answer that cannot be written is followed by one that says so.
        let ended = written.as_ref().ok().map(|()| state.core.served(call));
        let next = state.core.next_answerer();
        self.written(state);
        wake(next);
        ended.into_iter().flatten().flatten().for_each(Waker::wake);
        written
    }

    /// Does something that may leave frames to be written.
    pub(super) fn on_core<T>(&self, act: impl FnOnce(&mut Core) -> T) -> T {
        let mut state = self.lock();
        let result = act(&mut state.core);
        let standstill = state.core.standstill();
        self.written(state);
        self.warn_of(standstill);
        result
    }

    /// What cannot be told from two ends that are both slow is no error, and should not be silent.
    #[inline]
    fn warn_of(&self, standstill: Option<Standstill>) {
        if let Some(Standstill { function }) = standstill {
            tracing::warn!(
                function,
                here = %self.me(),
                there = %self.peer(),
                "both ends of a stream wait to send: does anybody read?"
            );
        }
    }

    /// Wakes the driver if it sleeps and there is something to write.
    #[inline]
    fn written(&self, mut state: MutexGuard<'_, State>) {
        if !state.core.has_output() {
            return;
        }
        let driver = state.driver.take();
        // Woken after the lock is given back: a woken task may run at once on another thread.
        drop(state);
        wake(driver);
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        // Under this lock that of the list of handlers may be taken, and never the other way round.
        // User code runs under the lock only while it encodes a value, and a panic there takes
        // the half-written frame back: the state is whole, whatever the poison says.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls the next caller when it is dropped.
struct NextCaller<'a>(Option<&'a Link>);

impl Drop for NextCaller<'_> {
    fn drop(&mut self) {
        if let Some(link) = self.0 {
            wake(link.lock().core.next_caller());
        }
    }
}

/// What is noted of a call of the function `path` that begins now.
#[inline]
fn begin(path: &'static str) -> Begun {
    Begun {
        function: path,
        at: Coarse::now(),
    }
}

#[inline]
fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

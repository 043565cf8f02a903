//! A call on its way, whatever its function: sent, answered, cancelled.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::time::{Sleep, sleep_until};

use super::args::encode;
use super::deadline::{Deadline, TimeLimit};
use super::registry::Entry;
use super::trace::outgoing_trace;
use crate::base::{Cancelled, Error, Result, TraceContext, hides_failure};
use crate::session::{Destination, Line, Link, Route, StartError, StreamHalves, Ticket};
use crate::wire::{CallId, Content, Encoder, Terms};

/// A call on its way.
///
/// It knows no types, so that it is compiled once and not for every function: whoever polls it writes
/// the arguments, and reads the answer.
pub(super) struct Flight {
    route: Route,
    entry: &'static Entry,
    state: State,
    /// How often it may be sent again.
    retries: usize,
    /// The arguments, if they are encoded already: to be sent several times.
    args: Option<Arc<[u8]>>,
    /// Of the calls that have one: most have none, and are moved about.
    limit: Option<Box<TimeLimit>>,
    /// From the first poll on.
    deadline: Option<(Deadline, Pin<Box<Sleep>>)>,
    /// Where the caller stands in a trace, from the first poll on.
    trace: Option<Box<TraceContext>>,
    stream: Streamed,
    lateness: Lateness,
}

/// What a call does whose deadline passes.
enum Lateness {
    /// It is withdrawn.
    Withdraws,
    /// It is cancelled, and awaited: it is part of a scope that does not leave it behind.
    Lingers,
    /// It is awaited only to be gone. What is told is this.
    Told(Box<Error>),
}

/// The stream of a call.
enum Streamed {
    /// It has none.
    No,
    /// It opens with the call.
    Asked,
    Open(Box<StreamHalves>),
    Taken,
}

enum State {
    /// Not sent yet: never polled, or waiting for room on a link.
    Unsent(Destination, Ticket),
    /// Not sent yet: waiting for the next process.
    Waiting(NextLink),
    /// The peer has it.
    InFlight(Destination, CallId),
    /// It never was to be sent, because of this.
    Refused(Box<Error>),
    /// Cancelled with the scope in whose body it is awaited: the body is about to be dropped.
    Withheld,
    Done,
}

/// The link to the process that follows the one that has ended.
type NextLink = Pin<Box<dyn Future<Output = Result<Link>> + Send>>;

impl Flight {
    pub(super) fn new(route: Route, entry: &'static Entry) -> Self {
        let state = State::Unsent(route.newest(), Ticket::default());
        Self {
            route,
            entry,
            state,
            retries: 0,
            args: None,
            limit: None,
            deadline: None,
            trace: None,
            stream: Streamed::No,
            lateness: Lateness::Withdraws,
        }
    }

    /// One whose arguments are encoded already.
    pub(super) fn encoded(route: Route, entry: &'static Entry, args: Arc<[u8]>) -> Self {
        let mut flight = Self::new(route, entry);
        flight.args = Some(args);
        flight
    }

    /// One that fails with `error` when it is polled.
    pub(super) fn refused(route: Route, entry: &'static Entry, error: Error) -> Self {
        let mut flight = Self::new(route, entry);
        flight.state = State::Refused(Box::new(error));
        flight
    }

    /// It has a stream.
    pub(super) fn streams(&mut self) {
        self.stream = Streamed::Asked;
    }

    /// It resolves when the function is gone, also when the deadline passes before.
    pub(super) fn lingers(&mut self) {
        self.lateness = Lateness::Lingers;
    }

    /// It may be sent again so many times.
    pub(super) fn retry(&mut self, times: usize) {
        self.retries = times;
    }

    /// How long it may take.
    pub(super) fn limit(&mut self) -> &mut TimeLimit {
        self.limit.get_or_insert_default()
    }

    /// It is part of this trace, and not of the one in which it is polled first.
    pub(super) fn in_trace(&mut self, trace: Box<TraceContext>) {
        self.trace = Some(trace);
    }

    /// True when it can end because of the time, and so has to be polled again and again.
    pub(super) fn is_limited(&self) -> bool {
        self.deadline.is_some()
    }

    /// True while whoever polls it has to have the arguments.
    #[inline]
    pub(super) fn needs_args(&self) -> bool {
        matches!(self.state, State::Unsent(..) | State::Waiting(_)) && self.args.is_none()
    }

    /// The way to the actor that is called.
    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    /// The stream, once, when the call is sent.
    pub(super) fn take_stream(&mut self) -> Option<StreamHalves> {
        if !matches!(self.stream, Streamed::Open(_)) {
            return None;
        }
        match std::mem::replace(&mut self.stream, Streamed::Taken) {
            Streamed::Open(halves) => Some(*halves),
            Streamed::No | Streamed::Asked | Streamed::Taken => None,
        }
    }

    /// Asks the peer to cancel the call, which then resolves with what it says to that. False when
    /// there is nothing to wait for.
    pub(super) fn cancel(&mut self) -> bool {
        match &self.state {
            State::InFlight(to, call) => {
                self.route.link_to(to).cancel(*call);
                true
            }
            State::Unsent(..) | State::Waiting(_) => {
                let me = self.route.link().me().clone();
                self.withdraw();
                self.state = State::Refused(Box::new(Cancelled::new(me).into()));
                true
            }
            State::Refused(_) | State::Withheld | State::Done => false,
        }
    }

    /// The answer, still encoded. Where they are [needed](Self::needs_args), `args` writes the
    /// arguments.
    pub(super) fn poll(
        &mut self,
        args: &mut Content<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes>> {
        if let State::Unsent(_, ticket) = &self.state
            && self.deadline.is_none()
            && !ticket.is_waiting()
            && let Err(error) = self.begin(args)
        {
            self.withdraw();
            return Poll::Ready(Err(error));
        }
        // An answer that is there counts, even when the deadline has passed as well.
        if let Poll::Ready(answer) = self.poll_answer(args, cx) {
            match &answer {
                _ if let Lateness::Told(expired) = &self.lateness => {
                    self.state = State::Done;
                    return Poll::Ready(Err(Error::clone(expired)));
                }
                Err(error) if hides_failure(error, self.route.link().me()) => {
                    self.state = State::Withheld;
                }
                _ => {
                    self.state = State::Done;
                    return Poll::Ready(answer);
                }
            }
        }
        if let Lateness::Told(_) = self.lateness {
            return Poll::Pending;
        }
        let expired = ready!(self.poll_expired(cx));
        if let State::InFlight(to, call) = &self.state {
            let link = self.route.link_to(to);
            // Whoever reads its stream is told the same.
            link.cut_off(*call, &expired);
            if let Lateness::Lingers = self.lateness {
                link.cancel(*call);
                self.lateness = Lateness::Told(Box::new(expired));
                return Poll::Pending;
            }
        }
        self.withdraw();
        Poll::Ready(Err(expired))
    }

    /// What is to be done at the first poll.
    fn begin(&mut self, args: &mut Content<'_>) -> Result<()> {
        let sleep = |deadline: Deadline| (deadline, Box::pin(sleep_until(deadline.at())));
        let limit = self.limit.as_deref().copied().unwrap_or_default();
        self.deadline = limit.begin().map(sleep);
        if self.trace.is_none() {
            self.trace = outgoing_trace();
        }
        if self.retries > 0 && self.args.is_none() {
            self.args = Some(encode(self.entry, args)?);
        }
        Ok(())
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        match &mut self.deadline {
            None => Poll::Pending,
            Some((deadline, sleep)) => {
                ready!(sleep.as_mut().poll(cx));
                Poll::Ready(deadline.exceeded(self.entry.path()))
            }
        }
    }

    fn poll_answer(&mut self, args: &mut Content<'_>, cx: &mut Context<'_>) -> Poll<Result<Bytes>> {
        loop {
            match &mut self.state {
                State::Unsent(to, ticket) => {
                    let link = self.route.link_to(to);
                    let terms = &Terms {
                        remaining: self.deadline.as_ref().map(|(deadline, _)| deadline.left()),
                        trace: self.trace.as_deref(),
                    };
                    let function = (self.entry.id(), self.entry.path());
                    let encoded = &self.args;
                    let args = &mut |frame: &mut Encoder<'_>| match encoded {
                        Some(encoded) => frame.encoded(encoded),
                        None => args(frame),
                    };
                    let started = match self.stream {
                        Streamed::No => ready!(link.poll_start(ticket, cx, function, terms, args)),
                        _ => {
                            let started = link.poll_start_stream(ticket, cx, function, terms, args);
                            ready!(started).map(|(call, halves)| {
                                self.stream = Streamed::Open(Box::new(halves));
                                call
                            })
                        }
                    };
                    match started {
                        Ok(call) => {
                            if let State::Unsent(to, _) = self.take_state() {
                                self.state = State::InFlight(to, call);
                            }
                            if self.retries == 0 {
                                self.args = None;
                            }
                            return Poll::Pending;
                        }
                        Err(StartError::Closed) => self.wait(),
                        Err(StartError::Encode(error)) => {
                            return Poll::Ready(Err(self.entry.cannot_encode(&error).into()));
                        }
                    }
                }
                State::Waiting(next) => {
                    let link = ready!(next.as_mut().poll(cx))?;
                    self.state = State::Unsent(Destination::Linked(link), Ticket::default());
                }
                State::InFlight(to, call) => {
                    let answer = ready!(self.route.link_to(to).poll(*call, cx));
                    match &answer {
                        Err(Error::ActorDied(_) | Error::LinkLost(_))
                            if self.retries > 0 && self.args.is_some() =>
                        {
                            self.again();
                        }
                        _ => return Poll::Ready(answer),
                    }
                }
                State::Withheld => return Poll::Pending,
                State::Refused(error) => return Poll::Ready(Err(Error::clone(error))),
                State::Done => panic!("`Run` was polled after it was ready"),
            }
        }
    }

    /// The process at the other end is gone before the call was sent, or has answered it: waits for the
    /// next.
    fn wait(&mut self) {
        let route = self.route.clone();
        self.state = State::Waiting(Box::pin(async move { route.open().await }));
    }

    /// Sends the call once more, to the next process.
    fn again(&mut self) {
        self.retries -= 1;
        tracing::debug!(
            function = self.entry.path(),
            left = self.retries,
            "retrying a call"
        );
        self.wait();
    }

    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Done)
    }

    /// Takes the call back, wherever it is.
    fn withdraw(&mut self) {
        match self.take_state() {
            State::Unsent(to, mut ticket) => {
                self.route.link_to(&to).give_up(Line::Calls, &mut ticket);
            }
            State::InFlight(to, call) => self.route.link_to(&to).abandon(call),
            State::Waiting(_) | State::Refused(_) | State::Withheld | State::Done => {}
        }
    }
}

/// Calls a function with arguments that are encoded, apart from the call that is being answered here. Gives
/// its value, encoded.
pub(crate) async fn call_encoded(
    route: Route,
    entry: &'static Entry,
    args: Arc<[u8]>,
) -> Result<Bytes> {
    let mut flight = Flight::encoded(route, entry, args);
    flight.limit().detached();
    poll_fn(|cx| flight.poll(&mut |_| unreachable!("they are encoded"), cx)).await
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let State::Done = self.state {
            return;
        }
        // Invariant C2: a dropped call is cancelled there.
        self.withdraw();
    }
}

//! A call on its way: sent, answered, cancelled.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Sleep, sleep_until};

use super::deadline::{Deadline, TimeLimit};
use super::payload::{Payload, encode_error};
use super::wire::{self, Value};
use super::{Call, Rpc};
use crate::base::{Aid, Cancelled, CodecError, CodecSide, Error, Result, hides_failure};
use crate::session::{Destination, Line, Link, Route, StartError, StreamHalves, Ticket};
use crate::wire::{CallId, Encoder};

/// A call that runs in another process; made by [`Portal::run`](crate::Portal::run).
///
/// It resolves on exactly one of: the result, an error or a panic of the function, cancellation by
/// somebody else, death of the process, loss of the link, or its deadline (C1). A call that is made
/// while its actor is being restarted waits for the new process.
///
/// # Cancel safety
///
/// The function starts there when this is first polled. Dropping this cancels it there, at its
/// next await; the other side acknowledges that (C2).
#[must_use = "the function runs only when this is awaited"]
pub struct Run<F: Rpc> {
    route: Route,
    state: State<F>,
    retries: Retries,
    /// Of the calls that have one: most have none, and are moved about.
    limit: Option<Box<TimeLimit>>,
    /// From the first poll on.
    deadline: Option<(Deadline, Pin<Box<Sleep>>)>,
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

enum State<F: Rpc> {
    /// Not sent yet: never polled, or waiting for room on a link.
    Unsent(Payload<F>, Destination, Ticket),
    /// Not sent yet: waiting for the next process.
    Waiting(Payload<F>, NextLink),
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

/// How often a call may be sent again, and what.
#[derive(Default)]
struct Retries {
    left: usize,
    args: Option<Arc<[u8]>>,
}

impl<F: Rpc> Run<F> {
    pub(crate) fn new(route: Route, call: Call<F>) -> Self {
        Self::with_payload(route, Payload::Values(call.into_args()))
    }

    /// A call whose arguments are encoded already.
    pub(crate) fn encoded(route: Route, args: Arc<[u8]>) -> Self {
        Self::with_payload(route, Payload::Encoded(args))
    }

    fn with_payload(route: Route, payload: Payload<F>) -> Self {
        let state = State::Unsent(payload, route.newest(), Ticket::default());
        Self::in_state(route, state)
    }

    /// A call with a stream.
    pub(super) fn streamed(route: Route, args: F::Args) -> Self {
        Self::with_stream(route, Payload::Values(args))
    }

    /// A call with a stream, whose arguments are encoded already.
    pub(super) fn streamed_encoded(route: Route, args: Arc<[u8]>) -> Self {
        Self::with_stream(route, Payload::Encoded(args))
    }

    fn with_stream(route: Route, payload: Payload<F>) -> Self {
        let mut run = Self::with_payload(route, payload);
        run.stream = Streamed::Asked;
        run
    }

    /// A call that fails with `error` when it is polled.
    pub(super) fn refused(route: Route, error: Error) -> Self {
        Self::in_state(route, State::Refused(Box::new(error)))
    }

    fn in_state(route: Route, state: State<F>) -> Self {
        Self {
            route,
            state,
            retries: Retries::default(),
            limit: None,
            deadline: None,
            stream: Streamed::No,
            lateness: Lateness::Withdraws,
        }
    }

    /// Resolves when the function is gone, also when the deadline passes before.
    pub(super) fn lingering(mut self) -> Self {
        self.lateness = Lateness::Lingers;
        self
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
            State::Unsent(..) | State::Waiting(..) => {
                let me = self.route.link().me().clone();
                self.withdraw();
                self.state = State::Refused(Box::new(Cancelled::new(me).into()));
                true
            }
            State::Refused(_) | State::Withheld | State::Done => false,
        }
    }

    /// True when it can end because of the time, and so has to be polled again and again.
    pub(super) fn is_limited(&self) -> bool {
        self.deadline.is_some()
    }

    /// The actor that is called.
    pub(super) fn peer(&self) -> Aid {
        self.route.link().peer().clone()
    }

    /// Fails with [`DeadlineExceeded`](Error::DeadlineExceeded) after `timeout`, counted from the
    /// first poll.
    ///
    /// Calls that the function makes in turn have no longer than what is left of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limit.get_or_insert_default().timeout(timeout);
        self
    }

    /// Fails with [`DeadlineExceeded`](Error::DeadlineExceeded) at `deadline`.
    ///
    /// Calls that the function makes in turn have the same deadline.
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        self.limit.get_or_insert_default().deadline(deadline);
        self
    }

    /// Ends it with what it is a part of.
    pub(crate) fn part_of(mut self, whole: Option<Deadline>) -> Self {
        if let Some(whole) = whole {
            self.limit.get_or_insert_default().part_of(whole);
        }
        self
    }

    /// Sends the call again, up to `times` times, when its actor dies and is [restarted].
    ///
    /// For functions that are idempotent: nobody knows how far the one that died had come. Only
    /// [`ActorDied`](Error::ActorDied) and [`LinkLost`](Error::LinkLost) are answered by another
    /// try. The deadline covers all of them together.
    ///
    /// [restarted]: crate::Restart
    pub fn retry(mut self, times: usize) -> Self {
        self.retries.left = times;
        self
    }

    /// What is to be done at the first poll.
    fn begin(&mut self) -> Result<()> {
        let sleep = |deadline: Deadline| (deadline, Box::pin(sleep_until(deadline.at())));
        let limit = self.limit.as_deref().copied().unwrap_or_default();
        self.deadline = limit.begin().map(sleep);
        if self.retries.left > 0
            && let State::Unsent(payload, ..) = &mut self.state
        {
            self.retries.args = Some(payload.encode()?);
        }
        Ok(())
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        match &mut self.deadline {
            None => Poll::Pending,
            Some((deadline, sleep)) => {
                ready!(sleep.as_mut().poll(cx));
                Poll::Ready(deadline.exceeded::<F>())
            }
        }
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<F::Output>> {
        loop {
            match &mut self.state {
                State::Unsent(payload, to, ticket) => {
                    let link = self.route.link_to(to);
                    let left = self.deadline.as_ref().map(|(deadline, _)| deadline.left());
                    let function = F::entry().id();
                    let args = |frame: &mut Encoder<'_>| payload.write(frame);
                    let started = match self.stream {
                        Streamed::No => ready!(link.poll_start(ticket, cx, function, left, args)),
                        _ => {
                            let function = (function, F::PATH);
                            let started = link.poll_start_stream(ticket, cx, function, left, args);
                            ready!(started).map(|(call, halves)| {
                                self.stream = Streamed::Open(Box::new(halves));
                                call
                            })
                        }
                    };
                    match started {
                        Ok(call) => {
                            if let State::Unsent(_, to, _) = self.take_state() {
                                self.state = State::InFlight(to, call);
                            }
                            return Poll::Pending;
                        }
                        Err(StartError::Closed) => self.wait(),
                        Err(StartError::Encode(error)) => {
                            return Poll::Ready(Err(encode_error::<F>(error)));
                        }
                    }
                }
                State::Waiting(_, next) => {
                    let link = ready!(next.as_mut().poll(cx))?;
                    if let State::Waiting(payload, _) = self.take_state() {
                        let to = Destination::Linked(link);
                        self.state = State::Unsent(payload, to, Ticket::default());
                    }
                }
                State::InFlight(to, call) => {
                    let answer = ready!(self.route.link_to(to).poll(*call, cx));
                    match &answer {
                        Err(Error::ActorDied(_) | Error::LinkLost(_)) if self.retries.left > 0 => {
                            self.again();
                        }
                        _ => return Poll::Ready(answer.and_then(|value| decode::<F>(&value))),
                    }
                }
                State::Withheld => return Poll::Pending,
                State::Refused(error) => return Poll::Ready(Err(Error::clone(error))),
                State::Done => panic!("`Run` was polled after it was ready"),
            }
        }
    }

    /// The process at the other end is gone before the call was sent: waits for the next.
    fn wait(&mut self) {
        if let State::Unsent(payload, ..) = self.take_state() {
            self.state = State::Waiting(payload, self.next_link());
        }
    }

    /// Sends the call once more, to the next process.
    fn again(&mut self) {
        self.retries.left -= 1;
        if let Some(args) = &self.retries.args {
            tracing::debug!(
                function = F::PATH,
                left = self.retries.left,
                "retrying a call"
            );
            self.state = State::Waiting(Payload::Encoded(args.clone()), self.next_link());
        }
    }

    fn next_link(&self) -> NextLink {
        let route = self.route.clone();
        Box::pin(async move { route.open().await })
    }

    fn take_state(&mut self) -> State<F> {
        std::mem::replace(&mut self.state, State::Done)
    }
}

fn decode<F: Rpc>(value: &Bytes) -> Result<F::Output> {
    wire::decode(value)
        .map(|Value(value)| value)
        .map_err(|error| {
            CodecError::new::<F::Output>(F::PATH, CodecSide::DecodeResult, error).into()
        })
}

impl<F: Rpc> Future for Run<F> {
    type Output = Result<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let State::Unsent(_, _, ticket) = &this.state
            && this.deadline.is_none()
            && !ticket.is_waiting()
            && let Err(error) = this.begin()
        {
            this.withdraw();
            return Poll::Ready(Err(error));
        }
        // An answer that is there counts, even when the deadline has passed as well.
        if let Poll::Ready(answer) = this.poll_answer(cx) {
            match &answer {
                _ if let Lateness::Told(expired) = &this.lateness => {
                    this.state = State::Done;
                    return Poll::Ready(Err(Error::clone(expired)));
                }
                Err(error) if hides_failure(error, this.route.link().me()) => {
                    this.state = State::Withheld;
                }
                _ => {
                    this.state = State::Done;
                    return Poll::Ready(answer);
                }
            }
        }
        if let Lateness::Told(_) = this.lateness {
            return Poll::Pending;
        }
        let expired = ready!(this.poll_expired(cx));
        if let State::InFlight(to, call) = &this.state {
            let link = this.route.link_to(to);
            // Whoever reads its stream is told the same.
            link.cut_off(*call, &expired);
            if let Lateness::Lingers = this.lateness {
                link.cancel(*call);
                this.lateness = Lateness::Told(Box::new(expired));
                return Poll::Pending;
            }
        }
        this.withdraw();
        Poll::Ready(Err(expired))
    }
}

impl<F: Rpc> Run<F> {
    /// Takes the call back, wherever it is.
    fn withdraw(&mut self) {
        match self.take_state() {
            State::Unsent(_, to, mut ticket) => {
                self.route.link_to(&to).give_up(Line::Calls, &mut ticket);
            }
            State::InFlight(to, call) => self.route.link_to(&to).abandon(call),
            State::Waiting(..) | State::Refused(_) | State::Withheld | State::Done => {}
        }
    }
}

/// Nothing in it is ever pinned: arguments are moved until they are sent.
impl<F: Rpc> Unpin for Run<F> {}

impl<F: Rpc> Drop for Run<F> {
    fn drop(&mut self) {
        if let State::Done = self.state {
            return;
        }
        // Invariant C2: a dropped call is cancelled there.
        self.withdraw();
    }
}

impl<F: Rpc> fmt::Debug for Run<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Run({} on {})", F::PATH, self.route.link().peer())
    }
}

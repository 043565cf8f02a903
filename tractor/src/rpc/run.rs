//! A call on its way: sent, answered, cancelled.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::args::Arguments;
use super::current::CurrentCall;
use super::wire::Value;
use super::{Call, Rpc};
use crate::base::{CodecError, CodecSide, DeadlineExceeded, Error, Result};
use crate::session::{Line, Link, StartError, Ticket};
use crate::wire::CallId;

/// A call that runs in another process; made by [`Portal::run`](crate::Portal::run).
///
/// It resolves on exactly one of: the result, an error or a panic of the function, cancellation by
/// somebody else, death of the process, loss of the link, or its deadline (C1).
///
/// # Cancel safety
///
/// The function starts there when this is first polled. Dropping this cancels it there, at its
/// next await; the other side acknowledges that (C2).
#[must_use = "the function runs only when this is awaited"]
pub struct Run<F: Rpc> {
    link: Link,
    state: State<F>,
    timeout: Option<Duration>,
    not_after: Option<Instant>,
    deadline: Option<Deadline>,
}

enum State<F: Rpc> {
    /// Not sent yet: never polled, or waiting for room on the link.
    Unsent(Payload<F>, Ticket),
    /// The peer has it.
    InFlight(CallId),
    Done,
}

/// The arguments of a call.
pub(super) enum Payload<F: Rpc> {
    /// As values: encoded straight into the link's buffer.
    Values(F::Args),
    /// Encoded once, for many actors.
    Encoded(Arc<[u8]>),
}

struct Deadline {
    at: Instant,
    timeout: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl<F: Rpc> Run<F> {
    pub(super) fn new(link: Link, call: Call<F>) -> Self {
        Self::with_payload(link, Payload::Values(call.into_args()))
    }

    pub(super) fn with_payload(link: Link, payload: Payload<F>) -> Self {
        Self {
            link,
            state: State::Unsent(payload, Ticket::default()),
            timeout: None,
            not_after: None,
            deadline: None,
        }
    }

    /// Fails with [`DeadlineExceeded`](Error::DeadlineExceeded) after `timeout`, counted from the
    /// first poll.
    ///
    /// Calls that the function makes in turn have no longer than what is left of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout.min(self.timeout.unwrap_or(timeout)));
        self
    }

    /// Fails with [`DeadlineExceeded`](Error::DeadlineExceeded) at `deadline`.
    ///
    /// Calls that the function makes in turn have the same deadline.
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        let deadline = Instant::from_std(deadline);
        self.not_after = Some(deadline.min(self.not_after.unwrap_or(deadline)));
        self
    }

    /// The deadline that counts: this call's, or that of the call which is being answered here.
    fn begin(&mut self) {
        let now = Instant::now();
        let own = self
            .timeout
            .take()
            .and_then(|timeout| now.checked_add(timeout));
        let limits = [own, self.not_after.take(), CurrentCall::get().deadline];
        let Some(at) = limits.into_iter().flatten().min() else {
            return;
        };
        self.deadline = Some(Deadline {
            at,
            timeout: at.saturating_duration_since(now),
            sleep: Box::pin(sleep_until(at)),
        });
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        match &mut self.deadline {
            None => Poll::Pending,
            Some(deadline) => {
                ready!(deadline.sleep.as_mut().poll(cx));
                Poll::Ready(DeadlineExceeded::new(F::PATH, deadline.timeout).into())
            }
        }
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<F::Output>> {
        if let State::Unsent(payload, ticket) = &mut self.state {
            let left = self.deadline.as_ref().map(Deadline::left);
            let function = F::entry().id();
            let started = self
                .link
                .poll_start(ticket, cx, function, left, |frame| match payload {
                    Payload::Values(args) => frame.value(&Arguments(&*args)),
                    Payload::Encoded(bytes) => frame.encoded(bytes),
                });
            let started = ready!(started);
            self.state = State::Done;
            self.state = State::InFlight(started.map_err(Self::explain)?);
        }
        let State::InFlight(call) = self.state else {
            panic!("`Run` was polled after it was ready");
        };
        let answer = ready!(self.link.poll(call, cx));
        self.state = State::Done;
        Poll::Ready(answer.and_then(|value| {
            postcard::from_bytes(&value)
                .map(|Value(value)| value)
                .map_err(|error| {
                    let side = CodecSide::DecodeResult;
                    CodecError::new::<F::Output>(F::PATH, side, error).into()
                })
        }))
    }

    fn explain(error: StartError) -> Error {
        match error {
            StartError::Closed(error) => error,
            StartError::Encode(error) => {
                let side = CodecSide::EncodeArguments;
                CodecError::new::<F::Args>(F::PATH, side, error).into()
            }
        }
    }
}

impl Deadline {
    fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

impl<F: Rpc> Future for Run<F> {
    type Output = Result<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let State::Unsent(_, ticket) = &this.state
            && this.deadline.is_none()
            && !ticket.is_waiting()
        {
            this.begin();
        }
        // An answer that is there counts, even when the deadline has passed as well.
        if let Poll::Ready(answer) = this.poll_answer(cx) {
            return Poll::Ready(answer);
        }
        let expired = ready!(this.poll_expired(cx));
        this.withdraw();
        Poll::Ready(Err(expired))
    }
}

impl<F: Rpc> Run<F> {
    /// Takes the call back, wherever it is.
    fn withdraw(&mut self) {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Unsent(_, mut ticket) => self.link.give_up(Line::Calls, &mut ticket),
            State::InFlight(call) => self.link.abandon(call),
            State::Done => {}
        }
    }
}

/// Nothing in it is ever pinned: arguments are moved until they are sent.
impl<F: Rpc> Unpin for Run<F> {}

impl<F: Rpc> Drop for Run<F> {
    fn drop(&mut self) {
        // Invariant C2: a dropped call is cancelled there.
        self.withdraw();
    }
}

impl<F: Rpc> fmt::Debug for Run<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Run({} on {})", F::PATH, self.link.peer())
    }
}

//! A call on its way, with the types of its function.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;

use super::args::Arguments;
use super::deadline::Deadline;
use super::flight::Flight;
use super::wire::{self, Value};
use super::{Call, Rpc};
use crate::base::{Aid, CodecError, CodecSide, Error, Result, TraceContext};
use crate::session::{Route, StreamHalves};
use crate::wire::Encoder;

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
    flight: Flight,
    /// As long as the flight [needs](Flight::needs_args) them.
    args: Option<F::Args>,
}

impl<F: Rpc> Run<F> {
    pub(crate) fn new(route: Route, call: Call<F>) -> Self {
        Self {
            flight: Flight::new(route, F::entry()),
            args: Some(call.into_args()),
        }
    }

    /// A call whose arguments are encoded already.
    pub(crate) fn encoded(route: Route, args: Arc<[u8]>) -> Self {
        Self {
            flight: Flight::encoded(route, F::entry(), args),
            args: None,
        }
    }

    /// A call that fails with `error` when it is polled.
    pub(super) fn refused(route: Route, error: Error) -> Self {
        Self {
            flight: Flight::refused(route, F::entry(), error),
            args: None,
        }
    }

    /// The same with a stream.
    pub(super) fn streamed(mut self) -> Self {
        self.flight.streams();
        self
    }

    /// Resolves when the function is gone, also when the deadline passes before.
    pub(super) fn lingering(mut self) -> Self {
        self.flight.lingers();
        self
    }

    /// The stream, once, when the call is sent.
    pub(super) fn take_stream(&mut self) -> Option<StreamHalves> {
        self.flight.take_stream()
    }

    /// Asks the peer to cancel the call, which then resolves with what it says to that. False when
    /// there is nothing to wait for.
    pub(super) fn cancel(&mut self) -> bool {
        self.flight.cancel()
    }

    /// True when it can end because of the time, and so has to be polled again and again.
    pub(super) fn is_limited(&self) -> bool {
        self.flight.is_limited()
    }

    /// The actor that is called.
    pub(super) fn peer(&self) -> Aid {
        self.flight.route().link().peer().clone()
    }

    /// Fails with [`DeadlineExceeded`](Error::DeadlineExceeded) after `timeout`, counted from the
    /// first poll.
    ///
    /// Calls that the function makes in turn have no longer than what is left of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.flight.limit().timeout(timeout);
        self
    }

    /// Fails with [`DeadlineExceeded`](Error::DeadlineExceeded) at `deadline`.
    ///
    /// Calls that the function makes in turn have the same deadline.
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        self.flight.limit().deadline(deadline);
        self
    }

    /// It is no part of the call that is being answered here, and has nothing of its deadline.
    pub(crate) fn detached(mut self) -> Self {
        self.flight.limit().detached();
        self
    }

    /// Ends it with what it is a part of, and in whose trace it is.
    pub(crate) fn part_of(
        mut self,
        whole: Option<Deadline>,
        trace: Option<Box<TraceContext>>,
    ) -> Self {
        if let Some(whole) = whole {
            self.flight.limit().part_of(whole);
        }
        if let Some(trace) = trace {
            self.flight.in_trace(trace);
        }
        self
    }

    /// Sends the call again, up to `times` times, when its actor dies and is [restarted].
    ///
    /// For functions that are idempotent: nobody knows how far the one that died had come. Only
    /// [`ActorDied`](Error::ActorDied) and [`LinkLost`](Error::LinkLost) are answered by another
    /// try. The deadline covers all of them together. It has to be said before the first poll.
    ///
    /// [restarted]: crate::Restart
    pub fn retry(mut self, times: usize) -> Self {
        self.flight.retry(times);
        self
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
        let Self { flight, args } = &mut *self;
        let write = &mut |frame: &mut Encoder<'_>| {
            let args = args.as_ref().expect("they are there until they are sent");
            frame.value(&Arguments(args))
        };
        let polled = flight.poll(write, cx);
        if !flight.needs_args() {
            *args = None;
        }
        decode::<F>(&ready!(polled)?).into()
    }
}

/// Nothing in it is ever pinned: arguments are moved until they are sent.
impl<F: Rpc> Unpin for Run<F> {}

impl<F: Rpc> fmt::Debug for Run<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Run({} on {})", F::PATH, self.peer())
    }
}

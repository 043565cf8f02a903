//! A stream that comes from a remote function.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::function::{Carried, StreamCall, StreamFn};
use super::items::Items;
use crate::base::{ConfigError, Result};
use crate::rpc::{Run, Wire};
use crate::session::Route;

/// A stream that comes from another process; made by
/// [`Portal::open_stream_from`](crate::Portal::open_stream_from).
///
/// The function starts when it is first polled. It yields what the function's stream does: `Ok` for
/// an item, `Err` for an item that is one. An error that is not an item, such as the death of the
/// actor, is the last.
///
/// # Cancel safety
///
/// Dropping it cancels the function there, at its next await.
#[must_use = "a stream does nothing until it is polled"]
pub struct StreamFrom<F: StreamFn> {
    run: Run<F>,
    /// How the function has ended, until that is told.
    answer: Option<Result<()>>,
    items: Option<Items>,
    over: bool,
}

impl<F: StreamFn> StreamFrom<F> {
    pub(crate) fn new(route: Route, call: StreamCall<F>) -> Self {
        let run = match call.into_call() {
            Some(call) => Run::new(route, call).streamed(),
            None => {
                let message = format!(
                    "a stream of `{}` that has begun in this process cannot go on in another",
                    F::PATH
                );
                Run::refused(route, ConfigError::new(message).into())
            }
        };
        Self {
            run,
            answer: None,
            items: None,
            over: false,
        }
    }

    /// Cancels the stream after `timeout`, counted from the first poll, with
    /// [`DeadlineExceeded`](crate::Error::DeadlineExceeded).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.run = self.run.timeout(timeout);
        self
    }

    /// Cancels the stream at `deadline`, with
    /// [`DeadlineExceeded`](crate::Error::DeadlineExceeded).
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        self.run = self.run.deadline(deadline);
        self
    }

    /// The next item, which comes as a `T`.
    fn poll_item<T: Wire>(
        &mut self,
        cx: &mut Context<'_>,
        open: impl FnOnce(T) -> Result<F::Yield>,
    ) -> Poll<Option<Result<F::Yield>>> {
        // What is here already is told first, whatever has become of the call.
        let at_hand = match &mut self.items {
            Some(items) if !self.run.is_limited() => items.next_at_hand(),
            _ => None,
        };
        let item = match at_hand {
            None => ready!(self.poll_link(cx)),
            at_hand => at_hand,
        };
        match item {
            Some(Ok(item)) => Poll::Ready(Some(open(item))),
            Some(Err(error)) => {
                self.over = true;
                Poll::Ready(Some(Err(error)))
            }
            None => self.poll_end(),
        }
    }

    /// The next item, as far as the link has it; `None` when no more will come.
    fn poll_link<T: Wire>(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        if self.answer.is_none()
            && let Poll::Ready(answer) = Pin::new(&mut self.run).poll(cx)
        {
            self.answer = Some(answer);
        }
        if let Some((reader, _)) = self.run.take_stream() {
            self.items = Some(Items::new(reader, F::PATH));
        }
        match &mut self.items {
            // What was sent before the answer comes before it.
            Some(items) => items.poll_next(cx),
            None => Poll::Ready(None),
        }
    }

    /// How the function has ended, behind the last item.
    fn poll_end(&mut self) -> Poll<Option<Result<F::Yield>>> {
        match self.answer.take() {
            None => Poll::Pending,
            Some(answer) => {
                self.over = true;
                Poll::Ready(answer.err().map(Err))
            }
        }
    }
}

impl<F: StreamFn> Stream for StreamFrom<F> {
    type Item = Result<F::Yield>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.over {
            true => Poll::Ready(None),
            false if F::FALLIBLE => self.poll_item(cx, |Carried(item)| item),
            false => self.poll_item(cx, Ok),
        }
    }
}

impl<F: StreamFn> fmt::Debug for StreamFrom<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamFrom({})", F::PATH)
    }
}

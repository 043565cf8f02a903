//! A stream that comes from a remote function.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::function::{Carried, StreamCall, StreamFn};
use super::items::Items;
use crate::base::{ConfigError, Result};
use crate::rpc::Run;
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
        let run = match call.into_args() {
            Some(args) => Run::streamed(route, args),
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

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<F::Yield>>> {
        // What is here already is told first, whatever has become of the call.
        if !self.run.is_limited()
            && let Some(item) = self.items.as_mut().and_then(next_at_hand::<F>)
        {
            return self.tell(item);
        }
        if self.answer.is_none()
            && let Poll::Ready(answer) = Pin::new(&mut self.run).poll(cx)
        {
            self.answer = Some(answer);
        }
        if let Some((reader, _)) = self.run.take_stream() {
            self.items = Some(Items::new(reader, F::PATH));
        }
        // What was sent before the answer comes before it.
        if let Some(items) = &mut self.items
            && let Some(item) = ready!(poll_next::<F>(items, cx))
        {
            return self.tell(item);
        }
        match self.answer.take() {
            None => Poll::Pending,
            Some(answer) => {
                self.over = true;
                Poll::Ready(answer.err().map(Err))
            }
        }
    }

    /// Gives an item, or why there are no more.
    fn tell(&mut self, item: Result<Result<F::Yield>>) -> Poll<Option<Result<F::Yield>>> {
        self.over = item.is_err();
        Poll::Ready(Some(item.flatten()))
    }
}

/// The next item, which may be an error itself.
fn poll_next<F: StreamFn>(
    items: &mut Items,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Result<F::Yield>>>> {
    match F::FALLIBLE {
        true => items
            .poll_next::<Carried<F::Yield>>(cx)
            .map_ok(|Carried(item)| item),
        false => items.poll_next::<F::Yield>(cx).map_ok(Ok),
    }
}

/// [`poll_next`] of what was taken off the link.
fn next_at_hand<F: StreamFn>(items: &mut Items) -> Option<Result<Result<F::Yield>>> {
    Some(match F::FALLIBLE {
        true => items
            .next_at_hand::<Carried<F::Yield>>()?
            .map(|Carried(item)| item),
        false => items.next_at_hand::<F::Yield>()?.map(Ok),
    })
}

impl<F: StreamFn> Stream for StreamFrom<F> {
    type Item = Result<F::Yield>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.over {
            true => Poll::Ready(None),
            false => self.poll_item(cx),
        }
    }
}

impl<F: StreamFn> fmt::Debug for StreamFrom<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamFrom({})", F::PATH)
    }
}

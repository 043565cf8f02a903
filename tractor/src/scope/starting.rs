//! A one-shot on its way to its process.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::base::Result;

/// A one-shot that is being started; resolves when its actor is ready for the call.
///
/// Nothing is started before the first poll.
///
/// # Cancel safety
///
/// Dropped before it is ready, the actor is brought down.
//
// A type of its own, because an `async fn` repeats an error in its bounds at every await.
#[must_use = "a one-shot starts when this is awaited"]
pub struct Starting<'a, T> {
    future: Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>,
}

impl<'a, T> Starting<'a, T> {
    pub(super) fn new(future: impl Future<Output = Result<T>> + Send + 'a) -> Self {
        Self {
            future: Box::pin(future),
        }
    }
}

impl<T> Future for Starting<'_, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.future.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Starting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Starting(..)")
    }
}

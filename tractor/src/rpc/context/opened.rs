//! The opener's side of a context.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::ended::{ContextOutcome, Ended};
use super::function::ContextFn;
use crate::base::{Aid, ConfigError, Result};
use crate::rpc::stream::ContextStream;
use crate::session::StreamHalves;

/// The opener's side of a context: handed to the body of
/// [`OpenContext::scope`](crate::OpenContext::scope).
pub struct OpenedContext<F: ContextFn> {
    ended: Ended<F::Output>,
    halves: Halves,
    peer: Aid,
}

/// The halves of the stream, until somebody opens it. The scope has them, too, and drops them with
/// its body: what nobody reads must not hold the callee up.
pub(super) type Halves = Arc<Mutex<Option<StreamHalves>>>;

/// Takes the halves, once.
pub(super) fn take_halves(halves: &Halves) -> Option<StreamHalves> {
    halves.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl<F: ContextFn> OpenedContext<F> {
    pub(super) fn new(ended: Ended<F::Output>, halves: Halves, peer: Aid) -> Self {
        Self {
            ended,
            halves,
            peer,
        }
    }

    /// Opens the stream of the context: it sends what the function receives, and receives what it
    /// sends.
    ///
    /// A context has one stream. A second one is refused: whatever is done with it fails with
    /// [`Error::Config`](crate::Error::Config).
    pub fn open_stream(&self) -> ContextStream<F::Rx, F::Tx> {
        let halves = take_halves(&self.halves).ok_or_else(|| {
            ConfigError::new(format!(
                "the stream of `{}` is taken: a context has one, and it is open until the result \
                 is asked for",
                F::PATH
            ))
            .into()
        });
        ContextStream::new(halves, F::PATH)
    }

    /// What the function returns, when it does.
    ///
    /// If the stream was not opened before, what the function sends is thrown away. A stream that is
    /// open has to be read to its end or dropped: a function that waits for it does not return.
    ///
    /// # Errors
    ///
    /// As of [`Portal::run`](crate::Portal::run); [`Cancelled`](crate::Error::Cancelled) by this
    /// actor when it was [cancelled](Self::cancel) here.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, the result is left to the end of the scope.
    pub async fn result(self) -> Result<F::Output> {
        drop(take_halves(&self.halves));
        self.ended.take().await
    }

    /// How the function ended, when it has, without raising it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, the outcome is left to the end of the scope.
    pub async fn outcome(self) -> ContextOutcome<F::Output> {
        self.result().await.into()
    }

    /// Cancels the function, and waits until it is gone.
    ///
    /// That is no failure: the scope does not return it.
    ///
    /// # Errors
    ///
    /// None today.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the function is cancelled whether or not this is dropped.
    pub async fn cancel(&self) -> Result<()> {
        self.ended.ask();
        self.ended.ended().await;
        Ok(())
    }

    /// The actor that was called.
    pub fn callee(&self) -> &Aid {
        &self.peer
    }
}

impl<F: ContextFn> fmt::Debug for OpenedContext<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedContext({} on {})", F::PATH, self.peer)
    }
}

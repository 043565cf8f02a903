//! A context that is about to be opened.

use std::fmt;
use std::time::Duration;

use super::function::{ContextCall, ContextFn};
use super::gather::GatherContexts;
use super::opened::OpenedContext;
use super::remote::Entering;
use crate::base::{Error, Result};
use crate::rpc::Run;
use crate::session::Route;

/// A context that is about to be opened; made by
/// [`Portal::open_context`](crate::Portal::open_context), run by [`scope`](Self::scope).
#[must_use = "a context opens when its `scope` is awaited"]
pub struct OpenContext<F: ContextFn> {
    run: Run<F>,
}

impl<F: ContextFn> OpenContext<F> {
    pub(crate) fn new(route: Route, call: ContextCall<F>) -> Self {
        Self {
            run: Run::new(route, call.into_call()).streamed(),
        }
    }

    /// The same context on each of `routes`; the arguments are encoded once.
    pub(super) fn each(
        routes: impl Iterator<Item = Route>,
        call: ContextCall<F>,
    ) -> impl Iterator<Item = Self> {
        let args = call.into_encoded();
        routes.map(move |route| Self {
            run: match &args {
                Ok(args) => Run::encoded(route, args.clone()).streamed(),
                Err(error) => Run::refused(route, error.clone()),
            },
        })
    }

    /// Cancels the context after `timeout`, counted from the start of the scope, which fails with
    /// [`DeadlineExceeded`](Error::DeadlineExceeded) when the function is gone.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.run = self.run.timeout(timeout);
        self
    }

    /// Cancels the context at `deadline`; the scope fails with
    /// [`DeadlineExceeded`](Error::DeadlineExceeded) when the function is gone.
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        self.run = self.run.deadline(deadline);
        self
    }

    /// Opens the context and runs `body` with this side of it and the value it started with; returns
    /// when both have ended.
    ///
    /// The two sides are linked, and what ends one of them ends the other:
    ///
    /// | what happens | and then |
    /// |---|---|
    /// | `body` returns `Ok` | the function runs to its end; what it still sends is thrown away |
    /// | `body` returns `Err` or panics | the function is cancelled |
    /// | the function returns `Ok` | `body` goes on; its stream reads `None` |
    /// | it fails, panics, is cancelled by others, or its actor dies | `body` is polled once more, so that it can see that, and dropped at its next await; the scope returns the failure |
    /// | [`cancel`](OpenedContext::cancel) | the function is cancelled, which is no failure |
    /// | the scope is dropped | so is `body`, and the function is cancelled |
    ///
    /// A `body` that has asked for the [`result`](OpenedContext::result) has been told, and is not
    /// dropped.
    ///
    /// What the function returns comes behind the items that it has sent. As long as `body` neither
    /// reads them nor drops the stream, the function counts as running: cancelled then, or with its
    /// actor dead, the scope returns that and not the value.
    ///
    /// # Errors
    ///
    /// What `body` returns; what the function fails with; [`Cancelled`](Error::Cancelled) when
    /// somebody else cancelled it; [`Config`](Error::Config) when it returns without having started.
    ///
    /// # Panics
    ///
    /// Resumes a panic of `body`, when the function is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops `body` and cancels the function, without waiting for it.
    pub async fn scope<T, E, B>(self, body: B) -> Result<T, E>
    where
        B: AsyncFnOnce(OpenedContext<F>, F::First) -> Result<T, E>,
        E: From<Error>,
    {
        let body = async |opened: Vec<_>| {
            let mut opened = opened.into_iter();
            let (context, first) = opened.next().expect("one was opened");
            body(context, first).await
        };
        GatherContexts::new(vec![self]).scope(body).await
    }

    pub(super) fn enter(self) -> Entering<F> {
        Entering::new(self.run.lingering())
    }
}

impl<F: ContextFn> fmt::Debug for OpenContext<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenContext({} on {})", F::PATH, self.run.peer())
    }
}

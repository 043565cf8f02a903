//! Several contexts in one scope.

use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::ended::Ended;
use super::function::{ContextCall, ContextFn};
use super::open::OpenContext;
use super::opened::{OpenedContext, take_halves};
use super::remote::{Entering, Remote, drive_all};
use crate::base::{ConfigError, Error, Result, until_cancelled_while};
use crate::session::{HeldEnds, Holding, Route};

/// Several contexts of one function that are about to be opened; made by [`gather_contexts`], run by
/// [`scope`](Self::scope).
#[must_use = "contexts open when their `scope` is awaited"]
pub struct GatherContexts<F: ContextFn> {
    contexts: Vec<OpenContext<F>>,
}

/// Opens several contexts at the same time, all of them or none.
///
/// ```no_run
/// use tractor::{Context, Result, gather_contexts};
///
/// #[tractor::context]
/// async fn worker(ctx: Context<u32, u64, ()>) -> Result<()> {
///     let mut stream = ctx.started(std::process::id()).await?.open_stream();
///     stream.send(1).await
/// }
///
/// # async fn example(workers: tractor::Cluster<tractor::__private::Dynamic>) -> Result<()> {
/// let contexts = workers.portals().map(|portal| portal.open_context(worker));
/// gather_contexts(contexts)
///     .scope(async |contexts| {
///         for (ctx, pid) in &contexts {
///             let mut stream = ctx.open_stream();
///             println!("{pid} sends {:?}", stream.try_next().await?);
///         }
///         Ok(())
///     })
///     .await
/// # }
/// ```
pub fn gather_contexts<F: ContextFn>(
    contexts: impl IntoIterator<Item = OpenContext<F>>,
) -> GatherContexts<F> {
    GatherContexts::new(contexts.into_iter().collect())
}

impl<F: ContextFn> GatherContexts<F> {
    pub(crate) fn new(contexts: Vec<OpenContext<F>>) -> Self {
        Self { contexts }
    }

    /// The same context on each of `routes`.
    pub(crate) fn each(routes: impl Iterator<Item = Route>, call: ContextCall<F>) -> Self {
        Self::new(OpenContext::each(routes, call).collect())
    }

    /// Opens the contexts and runs `body` with all of them, in the order in which they were given,
    /// each with the value that it started with; returns when all have ended.
    ///
    /// If one cannot be opened, or fails while others are opened, `body` does not run, and the others
    /// are cancelled. Once all are open,
    /// each is linked with `body` as a single one is: see
    /// [`OpenContext::scope`]. If one fails, the others are cancelled with `body`.
    ///
    /// # Errors
    ///
    /// As of [`OpenContext::scope`]; [`Config`](Error::Config) when there are no contexts;
    /// [`Group`](Error::Group) when several have failed.
    ///
    /// # Panics
    ///
    /// Resumes a panic of `body`, when the functions are gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops `body` and cancels the functions, without waiting for them.
    pub async fn scope<T, E, B>(self, body: B) -> Result<T, E>
    where
        B: AsyncFnOnce(Vec<(OpenedContext<F>, F::First)>) -> Result<T, E>,
        E: From<Error>,
    {
        if self.contexts.is_empty() {
            return Err(Error::from(ConfigError::new("there are no contexts to open")).into());
        }
        // Outlives the calls: where the scope is dropped, they are cancelled before this is told.
        let mut held = HeldEnds::default();
        let (mut remotes, opened) = self.enter().await?;
        let ends: Vec<_> = remotes.iter().map(Remote::ended).collect();
        let halves: Vec<_> = remotes.iter().map(Remote::halves).collect();
        let mut driving = pin!(drive_all(&mut remotes).fuse());
        let failing = |cx: &mut Context<'_>| {
            let _ = driving.as_mut().poll(cx);
            ends.iter().any(Ended::is_failure)
        };
        let ended = {
            let body = Holding::new(Box::pin(body(opened)), &mut held);
            AssertUnwindSafe(until_cancelled_while(body, failing))
                .catch_unwind()
                .await
        };
        // What nobody has opened, nobody reads.
        {
            let _held = held.hold();
            halves.iter().for_each(|halves| drop(take_halves(halves)));
        }
        let mut orders = !matches!(ended, Ok(Some(Ok(_))));
        match orders {
            false => held.tell(),
            true => ends.iter().for_each(Ended::order),
        }
        poll_fn(|cx| {
            if ends.iter().all(Ended::has_ended) {
                return Poll::Ready(());
            }
            let polled = driving.as_mut().poll(cx);
            if !orders && ends.iter().any(Ended::is_failure) {
                // One that fails now cancels the others as it would have before.
                orders = true;
                ends.iter().for_each(Ended::order);
            }
            polled
        })
        .await;
        let failures = ends.iter().filter_map(Ended::failure).collect();
        match (ended, Error::collect(failures)) {
            (Err(panic), _) => resume_unwind(panic),
            // The body's own error is what it made of a failure, and says more.
            (Ok(Some(Err(error))), _) => Err(error),
            (Ok(Some(Ok(value))), None) => Ok(value),
            (Ok(_), Some(failure)) => Err(failure.into()),
            (Ok(None), None) => unreachable!("the body is dropped because of a failure"),
        }
    }

    /// Waits until all have started; if one cannot, cancels the others.
    async fn enter(self) -> Result<(Vec<Remote<F>>, Vec<(OpenedContext<F>, F::First)>)> {
        let contexts = self.contexts.into_iter();
        let mut entering: Vec<_> = contexts.map(OpenContext::enter).collect();
        let entered = poll_fn(|cx| {
            let mut all = Poll::Ready(Ok(()));
            for context in &mut entering {
                match context.poll(cx) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => all = Poll::Pending,
                }
            }
            if all.is_pending() {
                // What has failed meanwhile does not wait for those that never start.
                if let Some(error) = entering.iter_mut().find_map(Entering::failure) {
                    return Poll::Ready(Err(error));
                }
            }
            all
        });
        if let Err(error) = entered.await {
            join_all(entering.into_iter().map(Entering::cancel)).await;
            return Err(error);
        }
        let started = entering.into_iter().filter_map(Entering::split);
        Ok(started
            .map(|(remote, opened, first)| (remote, (opened, first)))
            .unzip())
    }
}

impl<F: ContextFn> fmt::Debug for GatherContexts<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.contexts).finish()
    }
}

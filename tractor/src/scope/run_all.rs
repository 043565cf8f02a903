//! The same call on every worker.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::base::Result;
use crate::rpc::{Call, Portal, Rpc, Run};

/// The same call on every worker; made by [`Cluster::run_all`](crate::Cluster::run_all).
///
/// Resolves with every worker's result, by full name.
///
/// # Cancel safety
///
/// Dropping it cancels the call wherever it has not returned.
#[must_use = "the function runs only when this is awaited"]
pub struct RunAll<F: Rpc> {
    unsent: Vec<Named<F>>,
    in_flight: FuturesUnordered<Named<F>>,
    results: BTreeMap<String, Result<F::Output>>,
}

/// A call, and the name of the worker it runs on.
struct Named<F: Rpc> {
    name: String,
    run: Run<F>,
}

impl<F: Rpc> Future for Named<F> {
    type Output = (String, Result<F::Output>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.run).poll(cx));
        Poll::Ready((std::mem::take(&mut self.name), result))
    }
}

impl<F: Rpc> RunAll<F> {
    pub(super) fn new<A>(members: &[(String, Portal<A>)], call: Call<F>) -> Self {
        let (mut unsent, mut results) = (Vec::new(), BTreeMap::new());
        match call.into_encoded() {
            Ok(args) => {
                for (name, portal) in members {
                    let (name, run) = (name.clone(), portal.run_encoded(args.clone()));
                    unsent.push(Named { name, run });
                }
            }
            Err(error) => {
                for (name, _) in members {
                    results.insert(name.clone(), Err(error.clone()));
                }
            }
        }
        Self {
            unsent,
            in_flight: FuturesUnordered::new(),
            results,
        }
    }

    /// The longest time each call may take, counted from the first poll.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let calls = self.unsent.into_iter().map(|Named { name, run }| Named {
            name,
            run: run.timeout(timeout),
        });
        self.unsent = calls.collect();
        self
    }
}

impl<F: Rpc> Future for RunAll<F> {
    type Output = BTreeMap<String, Result<F::Output>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.in_flight.extend(this.unsent.drain(..));
        while let Some((name, result)) = ready!(this.in_flight.poll_next_unpin(cx)) {
            this.results.insert(name, result);
        }
        Poll::Ready(std::mem::take(&mut this.results))
    }
}

impl<F: Rpc> Unpin for RunAll<F> {}

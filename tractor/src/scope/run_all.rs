//! The same call on every worker.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{JoinAll, join_all};

use crate::base::{CodecError, CodecSide, Result};
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
    names: Vec<String>,
    runs: Runs<F>,
}

enum Runs<F: Rpc> {
    Unsent(Vec<Run<F>>),
    Sent(JoinAll<Run<F>>),
    /// The arguments did not encode.
    Failed(CodecError),
}

impl<F: Rpc> RunAll<F> {
    pub(super) fn new<A>(members: &[(String, Portal<A>)], call: Call<F>) -> Self {
        let names = members.iter().map(|(name, _)| name.clone()).collect();
        let runs = match call.into_encoded() {
            Ok(args) => {
                let args: std::sync::Arc<[u8]> = args.into();
                let portals = members.iter().map(|(_, portal)| portal);
                Runs::Unsent(
                    portals
                        .map(|portal| portal.run_encoded(args.clone()))
                        .collect(),
                )
            }
            Err(error) => {
                let side = CodecSide::EncodeArguments;
                Runs::Failed(CodecError::new::<F::Args>(F::PATH, side, error))
            }
        };
        Self { names, runs }
    }

    /// The longest time each call may take, counted from the first poll.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Runs::Unsent(runs) = &mut self.runs {
            *runs = runs.drain(..).map(|run| run.timeout(timeout)).collect();
        }
        self
    }
}

impl<F: Rpc> Future for RunAll<F> {
    type Output = BTreeMap<String, Result<F::Output>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Runs::Unsent(runs) = &mut this.runs {
            this.runs = Runs::Sent(join_all(runs.drain(..)));
        }
        match &mut this.runs {
            Runs::Sent(runs) => Pin::new(runs)
                .poll(cx)
                .map(|results| this.names.drain(..).zip(results).collect()),
            Runs::Failed(error) => Poll::Ready(
                this.names
                    .drain(..)
                    .map(|name| (name, Err(error.clone().into())))
                    .collect(),
            ),
            Runs::Unsent(_) => unreachable!("they were sent above"),
        }
    }
}

impl<F: Rpc> Unpin for RunAll<F> {}

//! Many inputs over a cluster's workers, one call each.

use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::base::Result;
use crate::rpc::allowlist::Admits;
use crate::rpc::{IntoCall, Portal, Rpc, Run};

/// A stream of input indices and results; made by [`Cluster::map`](crate::Cluster::map).
///
/// Each worker has one call in flight, or as many as [`buffer`](Self::buffer) says, and takes the
/// next input when one returns: a slow worker holds up its own inputs and no others. Inputs are
/// pulled only when a worker is free. Results come as they complete; [`ordered`](Self::ordered)
/// puts them in the order of the inputs.
///
/// A failed call is an item like any other, and the stream goes on. A worker that has died gets no
/// further inputs, unless it is restarted; when none is left, the inputs that remain fail.
///
/// # Cancel safety
///
/// Taking the next item is cancel safe. Dropping the stream cancels the calls in flight.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Map<In, M, A, F: Rpc, I> {
    portals: Vec<Portal<A>>,
    inputs: Option<In>,
    call: M,
    next_index: usize,
    in_flight: FuturesUnordered<Numbered<F>>,
    /// Free places, as indices of portals; the one that was freed first is taken first.
    free: VecDeque<usize>,
    order: Option<Order<F>>,
    timeout: Option<Duration>,
    retries: usize,
    exposed: PhantomData<fn() -> I>,
}

/// Results that wait for an earlier one.
struct Order<F: Rpc> {
    next: usize,
    waiting: BTreeMap<usize, Result<F::Output>>,
    /// How many results may wait before no further input is taken (B1).
    limit: usize,
}

/// A call, the index of its input and the worker it runs on.
struct Numbered<F: Rpc> {
    index: usize,
    worker: usize,
    run: Run<F>,
}

impl<F: Rpc> Future for Numbered<F> {
    type Output = (usize, usize, Result<F::Output>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.run).poll(cx));
        Poll::Ready((self.index, self.worker, result))
    }
}

impl<In, M, A, F: Rpc, I> Map<In, M, A, F, I> {
    pub(super) fn new(portals: Vec<Portal<A>>, inputs: In, call: M) -> Self {
        Self {
            free: (0..portals.len()).collect(),
            portals,
            inputs: Some(inputs),
            call,
            next_index: 0,
            in_flight: FuturesUnordered::new(),
            order: None,
            timeout: None,
            retries: 0,
            exposed: PhantomData,
        }
    }

    /// Gives the results in the order of the inputs.
    ///
    /// A slow input holds results back: no further input is taken while as many wait as there are
    /// calls in flight at most, four times over.
    pub fn ordered(mut self) -> Self {
        self.order = Some(Order {
            next: 0,
            waiting: BTreeMap::new(),
            limit: 4 * self.free.len(),
        });
        self
    }

    /// The calls that each worker has in flight: 1 by default, at least 1.
    ///
    /// More hide the way there and back, and let one actor's calls wait for I/O together; with 1,
    /// no input waits behind a slow one while another worker is free.
    pub fn buffer(mut self, calls: usize) -> Self {
        let workers = 0..self.portals.len();
        // Round after round, so that the first inputs are spread over all workers.
        self.free = std::iter::repeat_n(workers, calls.max(1))
            .flatten()
            .collect();
        match self.order.is_some() {
            true => self.ordered(),
            false => self,
        }
    }

    /// The longest time each call may take, counted from when it is sent.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often each call may be sent again when its worker dies and is restarted; see
    /// [`Run::retry`].
    pub fn retry(mut self, times: usize) -> Self {
        self.retries = times;
        self
    }
}

impl<In, M, A, F, I, C> Map<In, M, A, F, I>
where
    In: Iterator,
    M: FnMut(In::Item) -> C,
    C: IntoCall<F>,
    F: Rpc,
    A: Admits<C, F, I>,
{
    /// Gives free workers their next inputs.
    fn feed(&mut self) {
        while self.takes_inputs()
            && let Some(worker) = self.free.pop_front()
        {
            // A dead worker answers at once, and would swallow the inputs of the living.
            let last = self.free.is_empty() && self.in_flight.is_empty();
            if !last && !self.portals[worker].is_open() {
                continue;
            }
            let Some(input) = self.inputs.as_mut().and_then(Iterator::next) else {
                self.inputs = None;
                self.free.push_back(worker);
                return;
            };
            let call = (self.call)(input);
            let mut run = self.portals[worker].run(call).retry(self.retries);
            if let Some(timeout) = self.timeout {
                run = run.timeout(timeout);
            }
            self.in_flight.push(Numbered {
                index: self.next_index,
                worker,
                run,
            });
            self.next_index += 1;
        }
    }

    fn takes_inputs(&self) -> bool {
        let waiting = self.order.as_ref();
        self.inputs.is_some() && waiting.is_none_or(|order| order.waiting.len() < order.limit)
    }
}

impl<In, M, A, F, I, C> Stream for Map<In, M, A, F, I>
where
    In: Iterator,
    M: FnMut(In::Item) -> C,
    C: IntoCall<F>,
    F: Rpc,
    A: Admits<C, F, I>,
{
    type Item = (usize, Result<F::Output>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(order) = &mut this.order
                && let Some(result) = order.waiting.remove(&order.next)
            {
                order.next += 1;
                return Poll::Ready(Some((order.next - 1, result)));
            }
            this.feed();
            let Some((index, worker, result)) = ready!(this.in_flight.poll_next_unpin(cx)) else {
                return Poll::Ready(None);
            };
            this.free.push_back(worker);
            match &mut this.order {
                None => return Poll::Ready(Some((index, result))),
                Some(order) => {
                    order.waiting.insert(index, result);
                }
            }
        }
    }
}

/// Nothing in it is pinned in place: calls move until they are polled, and `Run` is `Unpin`.
impl<In, M, A, F: Rpc, I> Unpin for Map<In, M, A, F, I> {}

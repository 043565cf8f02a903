//! The other end of a context, as its scope drives it.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;

use super::ended::Ended;
use super::function::ContextFn;
use super::opened::{Halves, OpenedContext};
use crate::base::{CodecError, CodecSide, ConfigError, Error, Result};
use crate::rpc::Run;
use crate::rpc::wire::{Value, decode};
use crate::session::StreamHalves;

/// A context that has been opened, up to its first value.
pub(super) struct Entering<F: ContextFn> {
    run: Run<F>,
    halves: Option<StreamHalves>,
    answer: Option<Result<F::Output>>,
    first: Option<F::First>,
}

/// A context that has started.
pub(super) struct Remote<F: ContextFn> {
    run: Run<F>,
    answer: Option<Result<F::Output>>,
    ended: Ended<F::Output>,
    halves: Halves,
}

impl<F: ContextFn> Entering<F> {
    pub(super) fn new(run: Run<F>) -> Self {
        Self {
            run,
            halves: None,
            answer: None,
            first: None,
        }
    }

    /// Ready when it has started, or cannot.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.answer.is_none()
            && let Poll::Ready(answer) = Pin::new(&mut self.run).poll(cx)
        {
            self.answer = Some(answer);
        }
        if self.first.is_some() {
            return Poll::Ready(Ok(()));
        }
        if let Some(halves) = self.run.take_stream() {
            self.halves = Some(halves);
        }
        // The first value was sent before the answer.
        if let Some((reader, _)) = &self.halves
            && let Poll::Ready(Some(value)) = reader.poll_first(cx)
        {
            return Poll::Ready(decode_first::<F>(&value).map(|first| self.first = Some(first)));
        }
        match self.answer.take() {
            None => Poll::Pending,
            Some(Err(error)) => Poll::Ready(Err(error)),
            Some(Ok(_)) => {
                let message = format!(
                    "`{}` returned before it has started its context: it has to call \
                     `ctx.started(..).await?` first",
                    F::PATH
                );
                Poll::Ready(Err(ConfigError::new(message).into()))
            }
        }
    }

    /// How it has failed since it has started, once.
    pub(super) fn failure(&mut self) -> Option<Error> {
        self.answer.take_if(|answer| answer.is_err())?.err()
    }

    /// Cancels it, and waits until it is gone.
    pub(super) async fn cancel(mut self) {
        if self.answer.is_none() && self.run.cancel() {
            // Whatever it says, nobody wants it any more.
            let _ = (&mut self.run).await;
        }
    }

    /// Once it has started: the two sides of it that stay here, and the first value.
    pub(super) fn split(self) -> Option<(Remote<F>, OpenedContext<F>, F::First)> {
        let first = self.first?;
        let ended = Ended::new();
        let halves: Halves = Arc::new(Mutex::new(self.halves));
        let peer = self.run.peer();
        let opened = OpenedContext::new(ended.clone(), halves.clone(), peer);
        let remote = Remote {
            run: self.run,
            answer: self.answer,
            ended,
            halves,
        };
        Some((remote, opened, first))
    }
}

impl<F: ContextFn> Remote<F> {
    /// Follows the function to its end, and does what the body asks of it.
    pub(super) async fn drive(&mut self) {
        let answer = match self.answer.take() {
            Some(answer) => answer,
            None => {
                let first = tokio::select! {
                    biased;
                    answer = &mut self.run => Some(answer),
                    () = self.ended.asked() => None,
                };
                match first {
                    Some(answer) => answer,
                    None => {
                        self.run.cancel();
                        (&mut self.run).await
                    }
                }
            }
        };
        self.ended.end(answer);
    }

    /// What the body sees of it.
    pub(super) fn ended(&self) -> Ended<F::Output> {
        self.ended.clone()
    }

    /// The halves of the stream, unless the body has opened it.
    pub(super) fn halves(&self) -> Halves {
        self.halves.clone()
    }
}

/// Drives all of `remotes` to their ends.
pub(super) async fn drive_all<F: ContextFn>(remotes: &mut [Remote<F>]) {
    let mut driving: Vec<_> = remotes
        .iter_mut()
        .map(|remote| Some(Box::pin(remote.drive())))
        .collect();
    poll_fn(|cx| {
        let mut ready = true;
        for slot in &mut driving {
            if let Some(drive) = slot {
                match drive.as_mut().poll(cx) {
                    Poll::Ready(()) => *slot = None,
                    Poll::Pending => ready = false,
                }
            }
        }
        match ready {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

fn decode_first<F: ContextFn>(value: &Bytes) -> Result<F::First> {
    let decoded = decode(value).map(|Value(first)| first);
    decoded.map_err(|error| {
        let side = CodecSide::DecodeFirst;
        Error::from(CodecError::new::<F::First>(F::PATH, side, error))
    })
}

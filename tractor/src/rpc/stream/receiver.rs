//! The half of a stream that receives.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Subscription;
use super::items::Items;
use super::subscription::Channel;
use crate::base::{Error, Result};
use crate::rpc::Wire;
use crate::session::StreamReader;

/// The half of a [`ContextStream`](crate::ContextStream) that receives; made by
/// [`split`](crate::ContextStream::split).
///
/// When it is dropped, what the other end sends is thrown away.
pub struct ReceiveHalf<T> {
    source: Source<T>,
    function: &'static str,
}

enum Source<T> {
    Own(Items, PhantomData<fn() -> T>),
    /// Shared with subscribers, and a subscriber itself.
    Shared(Channel<T>, BoxStream<T>),
    /// It was not to be had, because of this.
    Refused(Option<Error>),
}

type BoxStream<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

impl<T> ReceiveHalf<T> {
    pub(crate) fn new(reader: Result<StreamReader>, function: &'static str) -> Self {
        Self {
            source: match reader {
                Ok(reader) => Source::Own(Items::new(reader, function), PhantomData),
                Err(error) => Source::Refused(Some(error)),
            },
            function,
        }
    }

    /// True when others may read as well.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.source, Source::Shared(..))
    }
}

impl<T: Wire> ReceiveHalf<T> {
    /// The next item: `None` when the other end has ended the stream or returned, an error when it
    /// was cut off, after which there are no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// The next item, with the error outside.
    ///
    /// # Errors
    ///
    /// What cut the stream off.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        match &mut self.source {
            Source::Own(items, _) => items.poll_next(cx),
            Source::Shared(_, mine) => mine.as_mut().poll_next(cx),
            Source::Refused(error) => Poll::Ready(error.take().map(Err)),
        }
    }
}

impl<T: Wire + Clone + Send + 'static> ReceiveHalf<T> {
    /// A subscriber, which gets its own copy of every item that is read from now on.
    ///
    /// As many as there are read from one stream: whoever is the first to want another item gets it
    /// for all of them. One that is slower than the fastest by more than 256 items misses the oldest,
    /// and is told how many: [`Error::Lagged`]. This half goes on as a subscriber, too.
    pub fn subscribe(&mut self) -> Subscription<T> {
        let refused = Source::Refused(None);
        let channel = match std::mem::replace(&mut self.source, refused) {
            Source::Own(items, _) => Channel::new(Ok(items)),
            Source::Refused(error) => Channel::new(Err(error)),
            Source::Shared(channel, mine) => {
                let subscription = channel.subscribe();
                self.source = Source::Shared(channel, mine);
                return subscription;
            }
        };
        let (mine, other) = (channel.subscribe(), channel.subscribe());
        self.source = Source::Shared(channel, Box::pin(mine));
        other
    }
}

impl<T: Wire> Stream for ReceiveHalf<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.poll_item(cx)
    }
}

impl<T> Unpin for ReceiveHalf<T> {}

impl<T> fmt::Debug for ReceiveHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiveHalf({})", self.function)
    }
}

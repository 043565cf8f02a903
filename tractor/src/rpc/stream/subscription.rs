//! Subscribers of a stream, each with its own copy of every item.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_core::Stream;
use tokio::sync::broadcast::{Receiver, Sender, channel, error::TryRecvError};

use super::items::Items;
use crate::base::{Error, Lagged, Result};
use crate::rpc::Wire;

/// How far the slowest subscriber may be behind the fastest, in items.
const CAPACITY: usize = 256;

/// From here on the fastest gives way before each item: others may only wait for their turn on the
/// executor. It does not wait for those that do not come.
const LEAD: usize = CAPACITY / 2;

/// Gets its own copy of every item of a stream; made by
/// [`ContextStream::subscribe`](crate::ContextStream::subscribe).
///
/// Cloned, it is another subscriber, which begins with the next item. When all of them and the half
/// of the stream are dropped, what the other end sends is thrown away.
pub struct Subscription<T> {
    shared: Arc<Shared<T>>,
    copies: Receiver<Result<T>>,
    /// It has let others go first.
    gave_way: bool,
    /// Its place among those that wait.
    id: u64,
}

/// What the subscribers of one stream share; there is no task: whoever wants an item that is not
/// there yet reads it for all.
pub(super) struct Channel<T>(Arc<Shared<T>>);

struct Shared<T> {
    copies: Sender<Result<T>>,
    source: Mutex<Source>,
    waiting: Mutex<Waiting>,
}

struct Source {
    items: Option<Items>,
    /// Why there never were any.
    refused: Option<Error>,
}

#[derive(Default)]
struct Waiting {
    next_id: u64,
    wakers: BTreeMap<u64, Waker>,
}

impl<T: Clone> Channel<T> {
    /// A channel for what comes from `items`, or from none because of an error.
    pub(super) fn new(items: Result<Items, Option<Error>>) -> Self {
        let (items, refused) = match items {
            Ok(items) => (Some(items), None),
            Err(refused) => (None, refused),
        };
        Self(Arc::new(Shared {
            copies: channel(CAPACITY).0,
            source: Mutex::new(Source { items, refused }),
            waiting: Mutex::default(),
        }))
    }

    pub(super) fn subscribe(&self) -> Subscription<T> {
        subscribe(&self.0)
    }
}

fn subscribe<T: Clone>(shared: &Arc<Shared<T>>) -> Subscription<T> {
    let mut waiting = lock(&shared.waiting);
    waiting.next_id += 1;
    Subscription {
        id: waiting.next_id,
        copies: shared.copies.subscribe(),
        gave_way: false,
        shared: shared.clone(),
    }
}

impl<T: Wire + Clone + Send + 'static> Subscription<T> {
    /// The next item; [`Error::Lagged`] when some were missed, after which it goes on.
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
    /// [`Lagged`](Error::Lagged), after which it goes on; what cut the stream off.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            match self.copies.try_recv() {
                Ok(item) => return Poll::Ready(Some(item)),
                Err(TryRecvError::Lagged(missed)) => {
                    return Poll::Ready(Some(Err(Lagged::new(missed).into())));
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => {}
            }
            if self.shared.copies.len() >= LEAD && !std::mem::replace(&mut self.gave_way, true) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.gave_way = false;
            let mut source = lock(&self.shared.source);
            if !self.copies.is_empty() {
                // Somebody else was quicker.
                continue;
            }
            // Before it is looked for: it may come at once.
            lock(&self.shared.waiting)
                .wakers
                .insert(self.id, cx.waker().clone());
            let item = match source.poll(&self.shared) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(item) => item,
            };
            let over = item.is_none();
            if let Some(item) = item {
                // This subscriber is one of those that get it.
                let _ = self.shared.copies.send(item);
            }
            drop(source);
            self.shared.wake_all();
            if over {
                return Poll::Ready(None);
            }
        }
    }
}

impl Source {
    fn poll<T: Wire + Clone + Send + 'static>(
        &mut self,
        shared: &Arc<Shared<T>>,
    ) -> Poll<Option<Result<T>>> {
        match &mut self.items {
            Some(items) => {
                let waker = Waker::from(shared.clone());
                items.poll_next(&mut Context::from_waker(&waker))
            }
            None => Poll::Ready(self.refused.take().map(Err)),
        }
    }
}

impl<T> Shared<T> {
    fn wake_all(&self) {
        let wakers = std::mem::take(&mut lock(&self.waiting).wakers);
        wakers.into_values().for_each(Waker::wake);
    }
}

/// An item has arrived: whoever waits may read it.
impl<T: Send + 'static> Wake for Shared<T> {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Wire + Clone + Send + 'static> Stream for Subscription<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.poll_item(cx)
    }
}

impl<T: Clone> Clone for Subscription<T> {
    fn clone(&self) -> Self {
        subscribe(&self.shared)
    }
}

impl<T> Unpin for Subscription<T> {}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        lock(&self.shared.waiting).wakers.remove(&self.id);
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

//! The half of a stream that sends.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;

use super::Overrun;
use crate::base::{CodecError, CodecSide, Error, OverrunError, Result};
use crate::rpc::Wire;
use crate::rpc::wire::Value;
use crate::session::{StreamWriter, Writable};

/// The half of a [`ContextStream`](crate::ContextStream) that sends; made by
/// [`split`](crate::ContextStream::split).
///
/// Dropped, it ends the stream in this direction behind what was sent.
pub struct SendHalf<T> {
    writer: Result<StreamWriter>,
    function: &'static str,
    overrun: Overrun,
    dropped: u64,
    /// It has let others go first, because it waits for nobody: nobody reads.
    gave_way: bool,
    item: PhantomData<fn(T)>,
}

impl<T> SendHalf<T> {
    pub(crate) fn new(writer: Result<StreamWriter>, function: &'static str) -> Self {
        Self {
            writer,
            function,
            overrun: Overrun::default(),
            dropped: 0,
            gave_way: false,
            item: PhantomData,
        }
    }

    /// Chooses what happens when the other end does not keep up.
    #[must_use]
    pub fn overrun(mut self, overrun: Overrun) -> Self {
        self.overrun = overrun;
        self
    }

    /// The items that [`Overrun::DropOldest`] has dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Ends the stream in this direction, behind what was sent: the other end reads `None`.
    ///
    /// # Errors
    ///
    /// What [`send`](Self::send) fails with.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have ended anything.
    pub async fn close(&mut self) -> Result<()> {
        self.close_as(false).await
    }

    pub(super) async fn close_as(&mut self, alone: bool) -> Result<()> {
        self.hand_over()?;
        Room::new(self, alone).await?;
        self.writer()?.stop()
    }

    fn writer(&mut self) -> Result<&mut StreamWriter> {
        self.writer.as_mut().map_err(|error| error.clone())
    }

    /// Whether there is room for an item; `alone` when nobody here can read meanwhile.
    fn poll_room(&mut self, alone: bool, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let writer = self.writer()?;
        if writer.has_room() {
            return Poll::Ready(Ok(()));
        }
        let unread = ready!(writer.poll_writable(alone, cx))? == Writable::Unread;
        self.gave_way = unread && !self.gave_way;
        if self.gave_way {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Hands what was added over to the link.
    fn hand_over(&mut self) -> Result<()> {
        let keeps_newest = self.overrun == Overrun::DropOldest;
        let writer = self.writer()?;
        let most = keeps_newest.then_some(writer.window());
        self.dropped += writer.hand_over(most)? as u64;
        Ok(())
    }
}

impl<T: Wire> SendHalf<T> {
    /// Sends an item, as soon as there is room for it.
    ///
    /// It is on its way then: it needs no flush, and if this half is dropped, it still arrives. When
    /// the other end reads no more, it is thrown away.
    ///
    /// # Errors
    ///
    /// [`StreamClosed`](Error::StreamClosed) after [`close`](Self::close), and when the call has ended
    /// without a failure; what it has failed with otherwise; [`Codec`](Error::Codec) for an item that
    /// cannot be encoded; [`Overrun`](Error::Overrun) if that was [chosen](Self::overrun).
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has sent nothing.
    pub async fn send(&mut self, item: T) -> Result<()> {
        self.send_as(item, false).await
    }

    /// Sends an item; `alone` when nobody here can read meanwhile.
    pub(super) async fn send_as(&mut self, item: T, alone: bool) -> Result<()> {
        if self.overrun == Overrun::Backpressure {
            Room::new(self, alone).await?;
        }
        self.add(&item)?;
        self.hand_over()
    }

    /// Sends what `items` yields, as much at once as is there.
    pub(super) async fn send_all(&mut self, items: impl Stream<Item = T>) -> Result<()> {
        let mut items = pin!(items);
        poll_fn(|cx| {
            loop {
                ready!(self.poll_room(false, cx))?;
                match items.as_mut().poll_next(cx) {
                    Poll::Ready(Some(item)) => self.add(&item)?,
                    Poll::Ready(None) => return Poll::Ready(self.hand_over()),
                    Poll::Pending => {
                        self.hand_over()?;
                        return Poll::Pending;
                    }
                }
            }
        })
        .await
    }

    /// Adds an item to what is handed over together, which it is at the latest when there is no room
    /// for more.
    fn add(&mut self, item: &T) -> Result<()> {
        let (function, overrun) = (self.function, self.overrun);
        let writer = self.writer()?;
        if overrun == Overrun::Error && writer.is_overrun() {
            let reader = writer.link().peer().clone();
            return Err(OverrunError::new(function, reader, writer.window()).into());
        }
        writer
            .add(|frame| frame.value(&Value(item)))
            .map_err(|error| CodecError::new::<T>(function, CodecSide::EncodeItem, error))?;
        match writer.has_room() && overrun != Overrun::DropOldest {
            true => Ok(()),
            // Which are the oldest has to be known item by item.
            false => self.hand_over(),
        }
    }
}

/// Resolves when an item can be sent.
struct Room<'a, T> {
    half: &'a mut SendHalf<T>,
    alone: bool,
    waits: bool,
}

impl<'a, T> Room<'a, T> {
    fn new(half: &'a mut SendHalf<T>, alone: bool) -> Self {
        let waits = false;
        Self { half, alone, waits }
    }
}

impl<T> Future for Room<'_, T> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Self { half, alone, waits } = &mut *self;
        let polled = half.poll_room(*alone, cx);
        *waits = polled.is_pending();
        polled
    }
}

/// Takes back that somebody waits to send.
impl<T> Drop for Room<'_, T> {
    fn drop(&mut self) {
        if self.waits
            && let Ok(writer) = &self.half.writer
        {
            writer.waits_no_more();
        }
    }
}

impl<T: Wire> Sink<T> for SendHalf<T> {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.overrun {
            Overrun::Backpressure => self.poll_room(false, cx),
            Overrun::Error | Overrun::DropOldest => Poll::Ready(self.writer().map(drop)),
        }
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<()> {
        self.add(&item)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.hand_over()?;
        self.writer()?.poll_flushed(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.hand_over()?;
        let writer = self.writer()?;
        // What has ended already needs no end.
        let _ = writer.stop();
        writer.poll_flushed(cx)
    }
}

impl<T> fmt::Debug for SendHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendHalf({})", self.function)
    }
}

//! The half of a stream that sends.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;
use tokio::task::yield_now;

use super::Overrun;
use crate::base::{CodecError, CodecSide, Error, OverrunError, Result};
use crate::rpc::Wire;
use crate::rpc::wire::Value;
use crate::session::{PutError, StreamWriter, Writable};

/// The half of a [`ContextStream`](crate::ContextStream) that sends; made by
/// [`split`](crate::ContextStream::split).
///
/// Dropped, it ends the stream in this direction behind what was sent.
pub struct SendHalf<T> {
    writer: Result<StreamWriter>,
    function: &'static str,
    window: usize,
    overrun: Overrun,
    dropped: u64,
    item: PhantomData<fn(T)>,
}

impl<T> SendHalf<T> {
    pub(crate) fn new(writer: Result<StreamWriter>, function: &'static str) -> Self {
        let window = writer
            .as_ref()
            .map_or(0, |writer| writer.link().limits().window);
        Self {
            writer,
            function,
            window,
            overrun: Overrun::default(),
            dropped: 0,
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
        match &self.writer {
            Ok(writer) => {
                writable(writer, alone).await?;
                writer.stop();
                Ok(())
            }
            Err(error) => Err(error.clone()),
        }
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
        let writer = self.writer.as_ref().map_err(Error::clone)?;
        if self.overrun == Overrun::Backpressure
            && writable(writer, alone).await? == Writable::Unread
        {
            // Thrown away without waiting for anybody: others have to get their turn.
            yield_now().await;
            return Ok(());
        }
        self.put(&item)
    }

    /// Hands an item to the link.
    fn put(&mut self, item: &T) -> Result<()> {
        let writer = self.writer.as_ref().map_err(Error::clone)?;
        if self.overrun == Overrun::Error && writer.is_overrun() {
            let reader = writer.link().peer().clone();
            return Err(OverrunError::new(self.function, reader, self.window).into());
        }
        let most = (self.overrun == Overrun::DropOldest).then_some(self.window);
        match writer.put(most, |frame| frame.value(&Value(item))) {
            Ok(dropped) => {
                self.dropped += dropped as u64;
                Ok(())
            }
            Err(PutError::Closed(error)) => Err(error),
            Err(PutError::Encode(error)) => {
                Err(CodecError::new::<T>(self.function, CodecSide::EncodeItem, error).into())
            }
        }
    }
}

/// Resolves when an item can be sent.
async fn writable(writer: &StreamWriter, alone: bool) -> Result<Writable> {
    let _waiting = Waiting(writer);
    poll_fn(|cx| writer.poll_writable(alone, cx)).await
}

/// Takes back that somebody waits to send, when that is not so any more.
struct Waiting<'a>(&'a StreamWriter);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waits_no_more();
    }
}

impl<T: Wire> Sink<T> for SendHalf<T> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let writer = self.writer.as_ref().map_err(Error::clone)?;
        match self.overrun {
            Overrun::Backpressure => writer.poll_writable(false, cx).map_ok(|_| ()),
            Overrun::Error | Overrun::DropOldest => Poll::Ready(Ok(())),
        }
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<()> {
        self.put(&item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.writer.as_ref().map_err(Error::clone)?.poll_flushed(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let writer = self.writer.as_ref().map_err(Error::clone)?;
        writer.stop();
        ready!(writer.poll_flushed(cx))?;
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for SendHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendHalf({})", self.function)
    }
}

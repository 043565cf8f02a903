//! One end of the stream of a context.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;

use super::{Overrun, ReceiveHalf, SendHalf, Subscription};
use crate::base::{Error, Result};
use crate::rpc::Wire;
use crate::session::StreamHalves;

/// One end of the stream of a context: sends `Tx`, receives `Rx`.
///
/// It is a [`Stream`] and a [`Sink`], so that the combinators of `futures` apply.
/// A stream that ended on purpose, because the other end closed or dropped its half or returned,
/// reads `None`; one that was cut off reads the error first.
///
/// A sender that is too far ahead of its reader waits, see [`Overrun`]. Two ends that both
/// [`send`](Self::send) and wait for each other would wait for ever: that fails, in both, with
/// [`Error::Deadlock`]. To send and receive at the same time, [`split`](Self::split) the stream.
pub struct ContextStream<Tx, Rx> {
    send: SendHalf<Tx>,
    receive: ReceiveHalf<Rx>,
}

impl<Tx, Rx> ContextStream<Tx, Rx> {
    pub(crate) fn new(halves: Result<StreamHalves>, function: &'static str) -> Self {
        let (reader, writer) = match halves {
            Ok((reader, writer)) => (Ok(reader), Ok(writer)),
            Err(error) => (Err(error.clone()), Err(error)),
        };
        Self {
            send: SendHalf::new(writer, function),
            receive: ReceiveHalf::new(reader, function),
        }
    }

    /// Chooses what happens when the other end does not keep up with what is sent here.
    #[must_use]
    pub fn overrun(mut self, overrun: Overrun) -> Self {
        self.send = self.send.overrun(overrun);
        self
    }

    /// The items that [`Overrun::DropOldest`] has dropped so far.
    pub fn dropped(&self) -> u64 {
        self.send.dropped()
    }

    /// Takes the stream apart, for code that sends and receives at the same time.
    pub fn split(self) -> (SendHalf<Tx>, ReceiveHalf<Rx>) {
        (self.send, self.receive)
    }

    /// Ends what is sent here, behind what was sent: the other end reads `None`. Receiving goes on.
    ///
    /// # Errors
    ///
    /// What [`send`](Self::send) fails with.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have ended anything.
    pub async fn close(&mut self) -> Result<()> {
        let alone = !self.receive.is_shared();
        self.send.close_as(alone).await
    }
}

impl<Tx: Wire, Rx> ContextStream<Tx, Rx> {
    /// Sends an item, as soon as there is room for it.
    ///
    /// It is on its way then: it needs no flush, and if the stream is dropped, it still arrives. When
    /// the other end reads no more, it is thrown away.
    ///
    /// # Errors
    ///
    /// [`StreamClosed`](Error::StreamClosed) after [`close`](Self::close), and when the call has ended
    /// without a failure; what it has failed with otherwise; [`Deadlock`](Error::Deadlock) when the
    /// other end waits for this one; [`Codec`](Error::Codec) for an item that cannot be encoded;
    /// [`Overrun`](Error::Overrun) if that was [chosen](Self::overrun).
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has sent nothing.
    pub async fn send(&mut self, item: Tx) -> Result<()> {
        let alone = !self.receive.is_shared();
        self.send.send_as(item, alone).await
    }
}

impl<Tx, Rx: Wire> ContextStream<Tx, Rx> {
    /// The next item; see [`ReceiveHalf::next`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Rx>> {
        self.receive.next().await
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
    pub async fn try_next(&mut self) -> Result<Option<Rx>> {
        self.receive.try_next().await
    }
}

impl<Tx, Rx: Wire + Clone + Send + 'static> ContextStream<Tx, Rx> {
    /// A subscriber, which gets its own copy of every item that is read from now on; see
    /// [`ReceiveHalf::subscribe`]. Sending goes on here.
    pub fn subscribe(&mut self) -> Subscription<Rx> {
        self.receive.subscribe()
    }
}

impl<Tx, Rx: Wire> Stream for ContextStream<Tx, Rx> {
    type Item = Result<Rx>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Rx>>> {
        Pin::new(&mut self.receive).poll_next(cx)
    }
}

impl<Tx: Wire, Rx> Sink<Tx> for ContextStream<Tx, Rx> {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.send).poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Tx) -> Result<()> {
        Pin::new(&mut self.send).start_send(item)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.send).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.send).poll_close(cx)
    }
}

impl<Tx, Rx> fmt::Debug for ContextStream<Tx, Rx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContextStream({:?}, {:?})", self.send, self.receive)
    }
}

//! The buffers between a carrier and a session.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Carrier;
use crate::wire::{Decoder, Kind, Message, Outbox, Violation};

/// The room a read should find: many small frames arrive with one system call.
const READ_CHUNK: usize = 64 << 10;

/// Less room than this is not worth a system call.
const READ_LEAST: usize = 4 << 10;

/// A frame up to this size gets its room at once; beyond, room doubles as bytes really arrive, so
/// that a length that is only claimed costs nothing (W1).
const TRUSTED: usize = 4 << 20;

/// Buffers that grew beyond this are given back after the burst.
const KEEP: usize = 1 << 20;

/// A large byte string goes with what is in front of it and behind it.
const SLICES: usize = 3;

/// A carrier with a read buffer and a write buffer.
pub(crate) struct Frames<C> {
    carrier: C,
    decoder: Decoder,
    inbound: BytesMut,
    outbound: Outbox,
}

impl<C: Carrier> Frames<C> {
    pub(crate) fn new(carrier: C, limit: usize) -> Self {
        Self {
            carrier,
            decoder: Decoder::new(limit),
            inbound: BytesMut::new(),
            outbound: Outbox::default(),
        }
    }

    /// These buffers on another carrier, with what was read already.
    pub(crate) fn over<D: Carrier>(self, change: impl FnOnce(C) -> D) -> Frames<D> {
        Frames {
            carrier: change(self.carrier),
            decoder: self.decoder,
            inbound: self.inbound,
            outbound: self.outbound,
        }
    }

    /// Reads what is there; `Ok(0)` is the end of the stream.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.make_room();
        // The future holds no state between polls, so that a new one each time loses nothing.
        pin!(self.carrier.read_buf(&mut self.inbound)).poll(cx)
    }

    /// The next message of what was read.
    #[inline]
    pub(crate) fn decode(&mut self) -> Result<Option<Message>, Violation> {
        let message = self.decoder.decode(&mut self.inbound)?;
        if message.is_none() && self.inbound.is_empty() && self.inbound.capacity() > KEEP {
            self.inbound = BytesMut::new();
        }
        Ok(message)
    }

    /// True while an earlier batch is not written to its end.
    pub(crate) fn is_writing(&self) -> bool {
        !self.outbound.is_empty()
    }

    /// Takes over a batch of frames to write and gives an empty buffer back, capacity and all.
    ///
    /// Only when the earlier batch [is written](Self::is_writing).
    pub(crate) fn swap_outbound(&mut self, batch: &mut Outbox) {
        debug_assert!(!self.is_writing());
        self.outbound.clear(KEEP);
        std::mem::swap(&mut self.outbound, batch);
    }

    /// Writes the batch to its end.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.is_writing() {
            let carrier = Pin::new(&mut self.carrier);
            let mut slices = [IoSlice::new(&[]); SLICES];
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(self.outbound.pieces()) {
                *slice = IoSlice::new(piece);
                count += 1;
            }
            let written = match count {
                1 => carrier.poll_write(cx, &slices[0]),
                _ => carrier.poll_write_vectored(cx, &slices[..count]),
            };
            match ready!(written)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.outbound.advance(count),
            }
        }
        // Large byte strings are not kept, nor is a large buffer.
        self.outbound.clear(KEEP);
        Poll::Ready(Ok(()))
    }

    /// Sends one batch, during the handshake.
    pub(crate) async fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        self.carrier.write_all(frames).await
    }

    /// Receives one value of the kind whose turn it is, during the handshake.
    ///
    /// `Ok(None)` is the end of the stream.
    pub(crate) async fn receive<T: DeserializeOwned>(
        &mut self,
        kind: Kind,
    ) -> io::Result<Result<Option<T>, Violation>> {
        loop {
            match self.decoder.decode_only(kind, &mut self.inbound) {
                Ok(None) => {}
                decoded => return Ok(decoded),
            }
            if poll_fn(|cx| self.poll_fill(cx)).await? == 0 {
                return Ok(Ok(None));
            }
        }
    }

    fn make_room(&mut self) {
        if self.inbound.capacity() - self.inbound.len() >= READ_LEAST {
            return;
        }
        // A violation shows when the frame is decoded; until then any room will do.
        let missing = self.decoder.missing(&self.inbound).unwrap_or(0);
        let room = missing.min(TRUSTED.max(self.inbound.len()));
        self.inbound.reserve(room.max(READ_CHUNK));
    }
}

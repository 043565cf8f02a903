//! The two halves of one end of a stream.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::Link;
use super::batch::Batch;
use super::core::{Limits, Writable};
use super::held::drop_writer;
use super::streams::StreamKey;
use crate::base::{Deadlock, Error};
use crate::wire::{EncodeError, Encoder};

/// Reads from a stream, in batches. When it is dropped, what arrives is thrown away.
#[derive(Debug)]
pub(crate) struct StreamReader(Half);

/// Writes to a stream. When it is dropped, the stream ends behind what was written.
///
/// Items are collected here, without the link's lock, as long as it admits them, and handed over
/// together. Whoever waits for anything else has to [hand over](Self::hand_over) before.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    half: Half,
    batch: Batch,
    limits: Limits,
}

#[derive(Debug, Clone)]
pub(super) struct Half {
    pub(super) link: Link,
    pub(super) key: StreamKey,
}

/// Both halves of one end of a stream.
pub(crate) type StreamHalves = (StreamReader, StreamWriter);

pub(super) fn halves(link: &Link, key: StreamKey, limits: Limits) -> StreamHalves {
    let half = || Half {
        link: link.clone(),
        key,
    };
    let writer = StreamWriter {
        half: half(),
        batch: Batch::default(),
        limits,
    };
    (StreamReader(half()), writer)
}

impl StreamReader {
    /// Puts the whole items that have arrived into `batch`, one behind the other; `None` when no
    /// more will come. An error is told once.
    pub(crate) fn poll_batch(
        &self,
        batch: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        let Half { link, key } = &self.0;
        link.on_core(|core| core.poll_batch(*key, batch, cx))
    }

    /// The value that a context started with; `None` when it ended without one.
    pub(crate) fn poll_first(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Half { link, key } = &self.0;
        link.on_core(|core| core.poll_started(*key, cx))
    }
}

impl StreamWriter {
    /// The link that the stream goes over.
    pub(crate) fn link(&self) -> &Link {
        &self.half.link
    }

    /// The bytes that may be under way.
    pub(crate) fn window(&self) -> usize {
        self.limits.window
    }

    /// True when another item can be added without asking the link.
    pub(crate) fn has_room(&self) -> bool {
        self.batch.has_room()
    }

    /// Whether an item can be sent; `alone` when nobody at this end can read meanwhile. Whoever
    /// stops asking before that has to say so: [`waits_no_more`](Self::waits_no_more).
    pub(crate) fn poll_writable(
        &self,
        alone: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Writable, Error>> {
        let Half { link, key } = &self.half;
        let polled = link.on_core(|core| core.poll_writable(*key, alone, cx));
        polled.map(|ready| match ready? {
            Writable::Deadlocked(function) => {
                Err(Deadlock::new(function, link.me().clone(), link.peer().clone()).into())
            }
            writable => Ok(writable),
        })
    }

    /// Nobody waits to write any more.
    pub(crate) fn waits_no_more(&self) {
        let Half { link, key } = &self.half;
        link.on_core(|core| core.waits_no_more(*key));
    }

    /// Whether the reader is so far behind that the window is used up.
    pub(crate) fn is_overrun(&self) -> bool {
        let Half { link, key } = &self.half;
        !self.has_room() && link.on_core(|core| core.is_overrun(*key))
    }

    /// Adds an item to those that are to be handed over.
    pub(crate) fn add(
        &mut self,
        item: impl FnOnce(&mut Encoder<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.batch.add(self.limits.frame, item)
    }

    /// Hands over what was added; with `most`, the oldest of the items that wait are dropped to keep
    /// at most so many bytes. Gives the number of those that were.
    pub(crate) fn hand_over(&mut self, most: Option<usize>) -> Result<usize, Error> {
        if self.batch.is_empty() {
            return Ok(0);
        }
        let Half { link, key } = &self.half;
        link.on_core(|core| core.put(*key, &mut self.batch, most))
    }

    /// Ends the stream behind what was handed over.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        self.batch.admit(0);
        let Half { link, key } = &self.half;
        link.on_core(|core| core.stop(*key))
    }

    /// Whether everything that was handed over is on its way.
    pub(crate) fn poll_flushed(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Half { link, key } = &self.half;
        link.on_core(|core| core.poll_flushed(*key, cx))
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let Half { link, key } = &self.0;
        link.on_core(|core| core.drop_reader(*key));
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        // If that fails, the call has ended, and nobody reads.
        let _ = self.hand_over(None);
        drop_writer(self.half.clone());
    }
}

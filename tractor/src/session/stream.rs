//! The two halves of one end of a stream.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::Link;
use super::core::{PutError, Writable};
use super::held::drop_writer;
use super::streams::StreamKey;
use crate::base::{Deadlock, Error};
use crate::wire::{EncodeError, Encoder};

/// Reads from a stream, in batches. When it is dropped, what arrives is thrown away.
#[derive(Debug)]
pub(crate) struct StreamReader(Half);

/// Writes to a stream. When it is dropped, the stream ends behind what was written.
#[derive(Debug)]
pub(crate) struct StreamWriter(Half);

#[derive(Debug, Clone)]
pub(super) struct Half {
    pub(super) link: Link,
    pub(super) key: StreamKey,
}

pub(super) fn halves(link: &Link, key: StreamKey) -> (StreamReader, StreamWriter) {
    let half = || Half {
        link: link.clone(),
        key,
    };
    (StreamReader(half()), StreamWriter(half()))
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
        &self.0.link
    }

    /// Whether an item can be sent; `alone` when nobody at this end can read meanwhile. Whoever
    /// stops asking before that has to say so: [`waits_no_more`](Self::waits_no_more).
    pub(crate) fn poll_writable(
        &self,
        alone: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Writable, Error>> {
        let Half { link, key } = &self.0;
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
        let Half { link, key } = &self.0;
        link.on_core(|core| core.waits_no_more(*key));
    }

    /// Whether the reader is so far behind that the window is used up.
    pub(crate) fn is_overrun(&self) -> bool {
        let Half { link, key } = &self.0;
        link.on_core(|core| core.is_overrun(*key))
    }

    /// Takes an item; with `most`, the oldest of those that wait are dropped to keep at most so many
    /// bytes. Gives the number of those that were.
    pub(crate) fn put(
        &self,
        most: Option<usize>,
        item: impl FnOnce(&mut Encoder<'_>) -> Result<(), EncodeError>,
    ) -> Result<usize, PutError> {
        let Half { link, key } = &self.0;
        link.on_core(|core| core.put(*key, most, item))
    }

    /// Ends the stream behind what was written.
    pub(crate) fn stop(&self) {
        let Half { link, key } = &self.0;
        link.on_core(|core| core.stop(*key));
    }

    /// Whether everything that was written is on its way.
    pub(crate) fn poll_flushed(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Half { link, key } = &self.0;
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
        drop_writer(self.0.clone());
    }
}

//! The items that have arrived on a stream and that nobody has read.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::outbound::CHUNK;
use crate::base::Error;
use crate::wire::Violation;

/// A batch buffer that grew beyond this is given back.
const KEEP: usize = 256 << 10;

/// What one end of a stream has received.
///
/// Items lie one behind the other in one buffer, copied out of the frames, so that a small item
/// keeps no large read buffer alive. The source may send as much as it has *credit* for; it gets back
/// what is read. So a reader that does not read costs one window of bytes, and one item more if that
/// is larger (B1).
#[derive(Debug)]
pub(super) struct Inbound {
    window: usize,
    bytes: Vec<u8>,
    /// How much of it is whole items; what follows is a part of one.
    whole: usize,
    /// How much of it was given back as credit before it was read. It stands at the front.
    prepaid: usize,
    /// The credit that the source has left; it may overdraw it by less than a chunk.
    credit: i64,
    /// What was read, and not given back yet.
    owed: usize,
    /// The value that a context started with.
    first: Option<Bytes>,
    started: bool,
    /// Nobody reads any more.
    discarded: bool,
    /// No more will arrive: because the source has stopped, or because it was cut off.
    end: Option<Result<(), Error>>,
    reader: Option<Waker>,
}

impl Inbound {
    pub(super) fn new(window: usize) -> Self {
        Self {
            window,
            bytes: Vec::new(),
            whole: 0,
            prepaid: 0,
            credit: signed(window),
            owed: 0,
            first: None,
            started: false,
            discarded: false,
            end: None,
            reader: None,
        }
    }

    /// The value that the context started with; false when there was one already.
    pub(super) fn start(&mut self, value: Bytes) -> bool {
        let fresh = !std::mem::replace(&mut self.started, true);
        self.first = Some(value);
        fresh
    }

    /// Items, whole or in part; `limit` is that of one item.
    pub(super) fn receive(
        &mut self,
        bytes: &[u8],
        whole: bool,
        limit: usize,
    ) -> Result<Option<Waker>, Violation> {
        self.credit -= signed(bytes.len());
        if self.credit <= -signed(CHUNK) {
            return Err(Violation::BeyondCredit(bytes.len() as u64));
        }
        if self.discarded || self.end.is_some() {
            self.owed += bytes.len();
            return Ok(None);
        }
        self.bytes.extend_from_slice(bytes);
        if whole {
            self.whole = self.bytes.len();
            return Ok(self.reader.take());
        }
        if self.bytes.len() - self.whole > limit {
            return Err(Violation::ItemTooLarge(limit));
        }
        if self.whole == 0 {
            // The reader waits for this very item, however large it is.
            self.prepaid += bytes.len();
            self.owed += bytes.len();
        }
        Ok(None)
    }

    /// Nothing more will arrive; the first reason stays.
    pub(super) fn end(&mut self, end: Result<(), Error>) -> Option<Waker> {
        if self.end.is_none() {
            // A part of an item whose rest will never come.
            self.bytes.truncate(self.whole);
            self.prepaid = self.prepaid.min(self.whole);
            self.end = Some(end);
        }
        self.reader.take()
    }

    /// Throws away what is there, and what is still to come.
    pub(super) fn discard(&mut self) {
        self.discarded = true;
        self.owed += self.bytes.len() - self.prepaid;
        self.prepaid = 0;
        self.whole = 0;
        self.bytes = Vec::new();
        self.reader = None;
    }

    /// The credit to be given back to the source, once that is worth a message.
    pub(super) fn grant(&mut self) -> Option<u64> {
        if self.owed < self.window / 4 || self.end.is_some() {
            return None;
        }
        let owed = std::mem::take(&mut self.owed);
        self.credit += signed(owed);
        Some(owed as u64)
    }

    /// Puts the whole items that are there into `batch`; `None` when no more will come.
    pub(super) fn poll_batch(
        &mut self,
        batch: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        if self.whole > 0 {
            self.take(batch);
            return Poll::Ready(Some(Ok(())));
        }
        match &mut self.end {
            // Told once; after that the stream is over.
            Some(end) => Poll::Ready(std::mem::replace(end, Ok(())).err().map(Err)),
            None => {
                self.wait(cx);
                Poll::Pending
            }
        }
    }

    /// The value that the context started with; `None` when it ended without one.
    pub(super) fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self.first.take() {
            Some(value) => Poll::Ready(Some(value)),
            None if self.end.is_some() => Poll::Ready(None),
            None => {
                self.wait(cx);
                Poll::Pending
            }
        }
    }

    /// The bytes that have arrived and were not read.
    pub(super) fn unread(&self) -> usize {
        self.bytes.len()
    }

    /// True when somebody has asked for more than has come.
    pub(super) fn is_awaited(&self) -> bool {
        self.reader.is_some()
    }

    /// Takes the reader, to wake it.
    pub(super) fn reader(&mut self) -> Option<Waker> {
        self.reader.take()
    }

    fn take(&mut self, batch: &mut Vec<u8>) {
        batch.clear();
        if batch.capacity() > KEEP {
            *batch = Vec::new();
        }
        let part = self.bytes.len() - self.whole;
        batch.extend_from_slice(&self.bytes[self.whole..]);
        self.bytes.truncate(self.whole);
        std::mem::swap(batch, &mut self.bytes);
        // What is left is a part of an item which the reader waits for from now on.
        self.owed += self.whole - self.prepaid + part;
        self.prepaid = part;
        self.whole = 0;
    }

    fn wait(&mut self, cx: &mut Context<'_>) {
        match &self.reader {
            Some(reader) if reader.will_wake(cx.waker()) => {}
            _ => self.reader = Some(cx.waker().clone()),
        }
    }
}

/// A length as an amount of credit.
pub(super) fn signed(len: usize) -> i64 {
    i64::try_from(len).expect("no buffer is longer than `isize::MAX`")
}

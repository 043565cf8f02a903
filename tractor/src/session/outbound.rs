//! The items that are to be sent on a stream.

use std::collections::VecDeque;
use std::task::{Context, Waker};

use super::inbound::signed;
use crate::base::Error;
use crate::wire::{Violation, Wait};

/// The most bytes of items in one frame: a larger item travels in parts, so that it holds up nobody
/// else on its link for long.
pub(super) const CHUNK: usize = 32 << 10;

/// More credit than this is surely garbage.
const MOST_CREDIT: i64 = 1 << 40;

/// What one end of a stream has to send.
///
/// An item for which there is credit and room goes straight into the link's buffer. Any other waits
/// in the *backlog*, from where the driver takes it chunk by chunk, one stream after the other.
#[derive(Debug)]
pub(super) struct Outbound {
    /// What may be sent; the last item may overdraw it.
    pub(super) credit: i64,
    backlog: VecDeque<Items>,
    /// How much of the first of them is sent.
    sent: usize,
    /// The bytes in the backlog.
    bytes: usize,
    /// In the line of streams that can go on as soon as the link has room.
    pub(super) in_line: bool,
    pub(super) stop: Stop,
    /// Nobody at the other end reads.
    pub(super) unread: bool,
    /// Why nothing more can be sent.
    pub(super) closed: Option<Error>,
    pub(super) writer: Option<Waker>,
    /// The handler whose answer comes behind the items; the writer may be another task's.
    handler: Option<Waker>,
    pub(super) waits: Waits,
}

/// Items that were handed over together: at most a chunk of them, or one.
#[derive(Debug)]
struct Items {
    bytes: Vec<u8>,
    count: usize,
}

/// Whether the end of the items was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    No,
    /// To be told behind what is in the backlog.
    Asked,
    Told,
}

/// What both ends of a stream wait for, as far as this one knows.
#[derive(Debug)]
pub(super) struct Waits {
    pub(super) here: Wait,
    /// What the other end was told of this one.
    pub(super) told: Wait,
    pub(super) there: Wait,
    /// Both wait alone, and both know.
    pub(super) deadlocked: bool,
    /// It was said that both wait.
    pub(super) warned: bool,
    /// The bytes of items and of credit that were sent.
    pub(super) said: u64,
    /// The bytes of items and of credit that have arrived.
    pub(super) heard: u64,
}

impl Outbound {
    pub(super) fn new(window: usize) -> Self {
        Self {
            credit: signed(window),
            backlog: VecDeque::new(),
            sent: 0,
            bytes: 0,
            in_line: false,
            stop: Stop::No,
            unread: false,
            closed: None,
            writer: None,
            handler: None,
            waits: Waits {
                here: Wait::No,
                told: Wait::No,
                there: Wait::No,
                deadlocked: false,
                warned: false,
                said: 0,
                heard: 0,
            },
        }
    }

    /// True when nothing waits to be sent.
    pub(super) fn is_clear(&self) -> bool {
        self.backlog.is_empty()
    }

    /// The bytes that wait to be sent.
    pub(super) fn unsent(&self) -> usize {
        self.bytes - self.sent
    }

    /// True when what was taken has used up the credit.
    pub(super) fn is_overrun(&self) -> bool {
        self.credit <= signed(self.unsent())
    }

    /// True when there is something to be sent, and credit for it.
    pub(super) fn can_go_on(&self) -> bool {
        !self.is_clear() && self.credit > 0
    }

    /// Adds so many items to the backlog.
    pub(super) fn push(&mut self, bytes: Vec<u8>, count: usize) {
        self.bytes += bytes.len();
        self.backlog.push_back(Items { bytes, count });
    }

    /// Drops the oldest items of which nothing is sent, until at most `most` bytes wait; gives their
    /// number.
    pub(super) fn drop_oldest(&mut self, most: usize) -> usize {
        let mut dropped = 0;
        let oldest = usize::from(self.sent > 0);
        // The newest stays, however large it is.
        while self.bytes > most && self.backlog.len() > oldest + 1 {
            let Some(items) = self.backlog.remove(oldest) else {
                break;
            };
            self.bytes -= items.bytes.len();
            dropped += items.count;
        }
        dropped
    }

    /// Throws away what waits to be sent.
    pub(super) fn clear(&mut self) {
        self.backlog.clear();
        (self.bytes, self.sent) = (0, 0);
    }

    /// Hands the next chunk of the backlog to `write`, and whether an item ends with it.
    pub(super) fn send_chunk(&mut self, write: impl FnOnce(&[u8], bool)) {
        let Some(Items { bytes, .. }) = self.backlog.front() else {
            return;
        };
        let rest = &bytes[self.sent..];
        let (chunk, whole) = match rest.get(..CHUNK) {
            Some(chunk) if rest.len() > CHUNK => (chunk, false),
            _ => (rest, true),
        };
        write(chunk, whole);
        let (len, all) = (chunk.len(), bytes.len());
        self.spend(len);
        self.sent += len;
        if whole {
            self.bytes -= all;
            self.sent = 0;
            self.backlog.pop_front();
        }
    }

    /// So many bytes are on their way.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.credit -= signed(bytes);
        self.waits.said += bytes as u64;
    }

    /// More may be sent.
    pub(super) fn add_credit(&mut self, bytes: u64) -> Result<(), Violation> {
        self.credit = i64::try_from(bytes)
            .ok()
            .and_then(|bytes| self.credit.checked_add(bytes))
            .filter(|credit| *credit <= MOST_CREDIT)
            .ok_or(Violation::TooMuchCredit)?;
        Ok(())
    }

    /// Leaves a waker for when the backlog is clear or can never be.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>) {
        leave(&mut self.writer, cx);
    }

    /// [`wait`](Self::wait), for the handler.
    pub(super) fn handler_waits(&mut self, cx: &mut Context<'_>) {
        leave(&mut self.handler, cx);
    }

    /// Takes those who wait for a clear backlog, to wake them.
    pub(super) fn wakers(&mut self) -> [Option<Waker>; 2] {
        [self.writer.take(), self.handler.take()]
    }
}

fn leave(slot: &mut Option<Waker>, cx: &mut Context<'_>) {
    match slot {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        _ => *slot = Some(cx.waker().clone()),
    }
}

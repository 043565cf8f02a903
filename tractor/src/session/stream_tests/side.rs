//! One of the two ends, with what is to arrive there.

use std::collections::VecDeque;
use std::task::Poll;

use bytes::BytesMut;

use super::{LIMITS, noop};
use crate::session::batch::Batch;
use crate::session::core::Core;
use crate::session::outbound::CHUNK;
use crate::session::streams::StreamKey;
use crate::wire::{CallId, End};

/// One end of a call with a stream.
pub(super) struct Side {
    pub(super) core: Core,
    pub(super) key: StreamKey,
    /// The items that are not handed over, and how many of them are expected.
    pub(super) batch: Batch,
    pub(super) batched: usize,
    /// What is on its way from here.
    pub(super) sent: BytesMut,
    /// What has arrived here and is no whole frame.
    pub(super) received: BytesMut,
    pub(super) next: u32,
    pub(super) stopped: bool,
    /// The items that are to arrive here.
    pub(super) expected: VecDeque<(u32, usize)>,
    pub(super) reads: bool,
    pub(super) over: bool,
    pub(super) cut: bool,
}

impl Side {
    pub(super) fn new(mut core: Core, call: CallId, end: End) -> Self {
        Self {
            key: core.open_stream(call, end, "f"),
            core,
            batch: Batch::default(),
            batched: 0,
            sent: BytesMut::new(),
            received: BytesMut::new(),
            next: 0,
            stopped: false,
            expected: VecDeque::new(),
            reads: true,
            over: false,
            cut: false,
        }
    }

    pub(super) fn flush(&mut self) {
        loop {
            self.core.fill();
            if self.core.outbound().is_empty() {
                return;
            }
            self.sent.extend(self.core.outbound().pieces().flatten());
            self.core.outbound().clear(0);
        }
    }

    /// Reads what is there; every item has to be the next one.
    pub(super) fn read(&mut self) -> bool {
        if !self.reads || self.over {
            return false;
        }
        let mut batch = Vec::new();
        match self.core.poll_batch(self.key, &mut batch, &mut noop()) {
            Poll::Pending => return false,
            Poll::Ready(None) => self.over = true,
            Poll::Ready(Some(Err(_))) => (self.over, self.cut) = (true, true),
            Poll::Ready(Some(Ok(()))) => {
                assert!(!batch.is_empty());
                let most = LIMITS.window + CHUNK + LIMITS.frame;
                assert!(batch.len() <= most, "{} bytes were not read", batch.len());
                self.check(&batch);
            }
        }
        true
    }

    fn check(&mut self, mut batch: &[u8]) {
        while !batch.is_empty() {
            let ((number, item), rest): ((u32, Vec<u8>), _) =
                postcard::take_from_bytes(batch).expect("whole items");
            let expected = self.expected.pop_front();
            assert_eq!(expected, Some((number, item.len())));
            batch = rest;
        }
    }
}

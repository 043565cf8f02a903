//! Items as they come off a link.

use std::task::{Context, Poll, ready};

use crate::base::{CodecError, CodecSide, Result};
use crate::rpc::Wire;
use crate::rpc::wire::Value;
use crate::session::StreamReader;

/// Decodes the items of a stream, one after the other.
pub(super) struct Items {
    reader: StreamReader,
    function: &'static str,
    batch: Vec<u8>,
    /// Where in the batch the next item begins.
    at: usize,
    over: bool,
}

impl Items {
    pub(super) fn new(reader: StreamReader, function: &'static str) -> Self {
        Self {
            reader,
            function,
            batch: Vec::new(),
            at: 0,
            over: false,
        }
    }

    /// The next item; after an error there are no more.
    pub(super) fn poll_next<T: Wire>(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.next_at_hand() {
                return Poll::Ready(Some(item));
            }
            if self.over {
                return Poll::Ready(None);
            }
            self.at = 0;
            self.batch.clear();
            match ready!(self.reader.poll_batch(&mut self.batch, cx)) {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    self.over = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => self.over = true,
            }
        }
    }

    /// The next item of those that were taken off the link.
    pub(super) fn next_at_hand<T: Wire>(&mut self) -> Option<Result<T>> {
        if self.at >= self.batch.len() {
            return None;
        }
        let rest = &self.batch[self.at..];
        match postcard::take_from_bytes(rest) {
            Ok((Value(item), left)) => {
                // No item is empty on the way, even if its value is.
                self.at += (rest.len() - left.len()).max(1);
                Some(Ok(item))
            }
            Err(error) => {
                self.over = true;
                self.at = self.batch.len();
                let side = CodecSide::DecodeItem;
                let error = CodecError::new::<T>(self.function, side, error);
                Some(Err(error.into()))
            }
        }
    }
}

//! Items that are encoded and not handed over.

use super::outbound::CHUNK;
use crate::wire::{EncodeError, Encoder, encode_item};

/// So many bytes are handed over at once: enough that what this costs is nothing beside the items,
/// and little enough to stay in the cache.
const FULL: usize = 8 << 10;

/// Items that a writer has encoded and has not handed over to its link.
///
/// The link *admits* so many bytes of them as there is credit for, and the last item may go beyond, as
/// if each was handed over by itself. What is handed over together is at most a chunk, or one item.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// The number of items.
    count: usize,
    /// Where the last of them begins.
    last: usize,
    admitted: usize,
}

impl Batch {
    /// Adds an item; one that cannot be encoded leaves no trace.
    pub(super) fn add(
        &mut self,
        limit: usize,
        item: impl FnOnce(&mut Encoder<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let last = self.bytes.len();
        encode_item(&mut self.bytes, limit, item)?;
        self.count += 1;
        self.last = last;
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// True when another item can be added without asking the link.
    pub(super) fn has_room(&self) -> bool {
        self.bytes.len() < self.admitted
    }

    /// Admits as many bytes as there is credit for.
    pub(super) fn admit(&mut self, credit: i64) {
        self.admitted = usize::try_from(credit).unwrap_or(0).min(FULL);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the items away, with their number.
    pub(super) fn take(&mut self) -> (Vec<u8>, usize) {
        let bytes = match self.bytes.len() {
            // A buffer that more items will need.
            ..=CHUNK => self.bytes.clone(),
            _ => std::mem::take(&mut self.bytes),
        };
        let count = self.count;
        self.clear();
        (bytes, count)
    }

    /// Takes the last item out, if it has to go by itself.
    pub(super) fn split_large(&mut self) -> Option<Self> {
        if self.bytes.len() <= CHUNK || self.last == 0 {
            return None;
        }
        let large = Self {
            bytes: self.bytes.split_off(self.last),
            count: 1,
            ..Self::default()
        };
        self.count -= 1;
        self.last = 0;
        Some(large)
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        (self.count, self.last) = (0, 0);
    }
}

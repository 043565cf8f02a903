//! Encoded frames on their way to a carrier.

use bytes::Bytes;

use super::Kind;
use super::encoder::{self, Encoder};

/// Encoded frames, with the large byte strings in them that were not copied.
///
/// What was written is [advanced](Self::advance) over.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    frames: Vec<u8>,
    inserts: Inserts,
    /// How much of `frames` is written.
    written: usize,
    /// How many of the inserts are written, and how much of the next one.
    inserted: usize,
    within: usize,
}

/// Byte strings that belong between encoded bytes.
#[derive(Debug, Default)]
pub(super) struct Inserts {
    list: Vec<Insert>,
    size: usize,
}

#[derive(Debug)]
struct Insert {
    at: usize,
    bytes: Bytes,
}

impl Inserts {
    /// Inserts `bytes` behind `at` encoded bytes.
    pub(super) fn push(&mut self, at: usize, bytes: Bytes) {
        self.size += bytes.len();
        self.list.push(Insert { at, bytes });
    }

    /// The bytes of all of them.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes back what is inserted behind more than `at` encoded bytes.
    pub(super) fn truncate(&mut self, at: usize) {
        while let Some(last) = self.list.pop_if(|insert| insert.at > at) {
            self.size -= last.bytes.len();
        }
    }
}

impl Outbox {
    /// Appends one frame and hands `fill` the writer for its content.
    #[inline]
    pub(crate) fn encode<E>(
        &mut self,
        limit: usize,
        kind: Kind,
        fill: impl FnOnce(&mut Encoder<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        encoder::frame(&mut self.frames, Some(&mut self.inserts), limit, kind, fill)
    }

    /// Where the next frame begins.
    pub(crate) fn end(&self) -> usize {
        self.frames.len()
    }

    /// Appends `bytes` to the last frame, which begins at `start`.
    pub(crate) fn extend(&mut self, start: usize, bytes: &[u8]) {
        encoder::extend(&mut self.frames, start, bytes);
    }

    /// The bytes that are not written.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let written = &self.inserts.list[..self.inserted];
        let inserted: usize = written.iter().map(|insert| insert.bytes.len()).sum();
        self.frames.len() - self.written + self.inserts.size - inserted - self.within
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.written == self.frames.len() && self.inserted == self.inserts.list.len()
    }

    /// Forgets everything, but keeps its buffer, unless that is larger than `most` bytes.
    pub(crate) fn clear(&mut self, most: usize) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        *self = Self::default();
        if frames.capacity() <= most {
            self.frames = frames;
        }
    }

    /// What is not written, piece by piece.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let (mut written, mut within) = (self.written, self.within);
        let mut inserts = self.inserts.list[self.inserted..].iter().peekable();
        std::iter::from_fn(move || {
            let end = inserts.peek().map_or(self.frames.len(), |insert| insert.at);
            if written < end {
                let piece = &self.frames[written..end];
                written = end;
                return Some(piece);
            }
            let insert = inserts.next()?;
            Some(&insert.bytes[std::mem::take(&mut within)..])
        })
    }

    /// So many bytes of the [pieces](Self::pieces) are written.
    ///
    /// # Panics
    ///
    /// When there are not so many.
    pub(crate) fn advance(&mut self, mut count: usize) {
        while count > 0 {
            let insert = self.inserts.list.get(self.inserted);
            let end = insert.map_or(self.frames.len(), |insert| insert.at);
            if self.written < end {
                let step = count.min(end - self.written);
                self.written += step;
                count -= step;
                continue;
            }
            let insert = insert.expect("more is written than there was");
            let step = count.min(insert.bytes.len() - self.within);
            self.within += step;
            count -= step;
            if self.within == insert.bytes.len() {
                self.inserted += 1;
                self.within = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Outbox;
    use crate::wire::{EncodeError, Kind, LEAST, lend};

    fn frames() -> (Outbox, Vec<u8>) {
        let (mut outbox, mut plain) = (Outbox::default(), Vec::new());
        for size in [3, LEAST, 5 * LEAST, 10] {
            let bytes = Bytes::from(vec![u8::try_from(size % 251).expect("a byte"); size]);
            lend(&bytes, || {
                let fill = |frame: &mut super::Encoder<'_>| frame.value(&Raw(&bytes));
                outbox.encode(1 << 20, Kind::Return, fill)
            })
            .expect("it fits");
            let fill = |frame: &mut super::Encoder<'_>| frame.value(&Raw(&bytes));
            crate::wire::encode(&mut plain, 1 << 20, Kind::Return, fill).expect("it fits");
        }
        (outbox, plain)
    }

    struct Raw<'a>(&'a [u8]);

    impl serde::Serialize for Raw<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }

    #[test]
    fn inserts_change_nothing_of_what_is_written() {
        for step in [997, LEAST, usize::MAX] {
            let (mut outbox, plain) = frames();
            assert!(outbox.frames.len() < 200, "the large ones are not copied");
            let mut written = Vec::new();
            while !outbox.is_empty() {
                assert_eq!(outbox.len(), plain.len() - written.len());
                let rest = outbox.pieces().collect::<Vec<_>>().concat();
                assert_eq!(rest.len(), outbox.len());
                let count = rest.len().min(step);
                written.extend_from_slice(&rest[..count]);
                outbox.advance(count);
            }
            assert!(written == plain, "in steps of {step}");
        }
    }

    #[test]
    fn frame_that_is_taken_back_leaves_no_insert() {
        let bytes = Bytes::from(vec![1; LEAST]);
        let (mut outbox, _) = frames();
        let before = outbox.len();
        let refused = lend(&bytes, || {
            outbox.encode(1 << 20, Kind::Return, |frame| {
                frame.value(&Raw(&bytes))?;
                frame.encoded(&vec![0; 1 << 20])
            })
        });
        assert!(matches!(refused, Err(EncodeError::TooLarge { .. })));
        assert_eq!(outbox.len(), before);
    }

    #[test]
    fn inserts_count_towards_the_limit() {
        let bytes = Bytes::from(vec![1; LEAST]);
        let mut outbox = Outbox::default();
        let refused = lend(&bytes, || {
            outbox.encode(LEAST, Kind::Return, |frame| frame.value(&Raw(&bytes)))
        });
        assert!(matches!(refused, Err(EncodeError::TooLarge { .. })));
        assert!(outbox.is_empty());
    }
}

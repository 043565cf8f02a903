//! A ring of bytes in shared memory, with one writer and one reader.
//!
//! A byte lies at its position modulo the capacity; the [header](Header) says how far each end is.

use std::io;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::Context;

use tokio::io::ReadBuf;

use super::header::{End, Header};
use super::memory::Mapping;
use super::watch::{Place, Wait, Watch};

/// The bytes that may be under way. With more, they would leave the nearer caches.
const CAPACITY: usize = 128 << 10;

/// What a ring takes, in whole pages.
pub(super) const RING: usize = HEADER + CAPACITY;

const HEADER: usize = 4096;

/// At most so many bytes are copied before they are published, so that the reader can copy them out
/// while the writer copies more in.
const STEP: usize = 16 << 10;

const _: () = assert!(size_of::<Header>() <= HEADER && CAPACITY.is_power_of_two());

/// One of the two rings of a link.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    mapping: Arc<Mapping>,
    offset: usize,
}

/// The end that writes.
#[derive(Debug)]
pub(super) struct Writer {
    ring: Ring,
    tail: u64,
    /// As far as is known, the reader is here; it may be further.
    head: u64,
    watch: Watch,
}

/// The end that reads.
#[derive(Debug)]
pub(super) struct Reader {
    ring: Ring,
    head: u64,
    watch: Watch,
}

impl Ring {
    /// The rings of both directions.
    pub(super) fn both(mapping: Mapping) -> [Self; 2] {
        let mapping = Arc::new(mapping);
        [0, RING].map(|offset| Self {
            mapping: mapping.clone(),
            offset,
        })
    }

    #[expect(
        unsafe_code,
        reason = "a mapping holds no Rust values but those that are read as such"
    )]
    pub(super) fn header(&self) -> &Header {
        let header = self.mapping.at(self.offset, HEADER).cast::<Header>();
        // SAFETY: it lies within the mapping, which lives as long as this ring, at the beginning of
        // a page. Any bytes are a header, and both processes touch it by atomic operations only.
        unsafe { header.as_ref() }
    }

    /// The address of the byte at `position`, and how many follow it without a gap.
    fn bytes(&self, position: u64) -> (NonNull<u8>, usize) {
        let at = usize::try_from(position % CAPACITY as u64).expect("it is below the capacity");
        let size = CAPACITY - at;
        (self.mapping.at(self.offset + HEADER + at, size), size)
    }
}

impl Writer {
    pub(super) fn new(ring: Ring, place: Place) -> Self {
        Self {
            watch: Watch::new(ring.clone(), End::Writer, place),
            ring,
            tail: 0,
            head: 0,
        }
    }

    /// Copies in what there is room for, but not more than one step, and publishes it. Gives the
    /// number of bytes.
    ///
    /// # Errors
    ///
    /// When the peer claims what cannot be (W1).
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wanted = bytes.len().min(STEP);
        if self.room() < wanted {
            let head = self.ring.header().peer(End::Writer);
            check(head, self.tail)?;
            self.head = head;
        }
        let bytes = &bytes[..wanted.min(self.room())];
        if bytes.is_empty() {
            return Ok(0);
        }
        self.watch.works();
        let (at, size) = self.ring.bytes(self.tail);
        let (first, rest) = bytes.split_at(bytes.len().min(size));
        copy_in(first, at);
        if !rest.is_empty() {
            copy_in(rest, self.ring.bytes(self.tail + first.len() as u64).0);
        }
        self.tail += bytes.len() as u64;
        self.ring.header().publish(End::Writer, self.tail);
        Ok(bytes.len())
    }

    /// There is no room: waits for some.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>) -> Wait {
        self.watch.wait(self.head, cx)
    }

    /// True when the reader sleeps, and has to be woken; it is told once.
    pub(super) fn wakes_reader(&self) -> bool {
        self.ring.header().wakes_peer(End::Writer)
    }

    fn room(&self) -> usize {
        let used = usize::try_from(self.tail - self.head).expect("it was checked");
        CAPACITY - used
    }
}

impl Reader {
    pub(super) fn new(ring: Ring, place: Place) -> Self {
        Self {
            watch: Watch::new(ring.clone(), End::Reader, place),
            ring,
            head: 0,
        }
    }

    /// Copies out what is there and fits into `buffer`, and gives its room back. Gives the number of
    /// bytes.
    ///
    /// # Errors
    ///
    /// When the peer claims what cannot be.
    pub(super) fn read(&mut self, buffer: &mut ReadBuf<'_>) -> io::Result<usize> {
        let there = check(self.head, self.ring.header().peer(End::Reader))?;
        let count = there.min(buffer.remaining());
        if count == 0 {
            return Ok(0);
        }
        self.watch.works();
        let (at, size) = self.ring.bytes(self.head);
        let first = count.min(size);
        copy_out(at, first, buffer);
        if first < count {
            let (at, _) = self.ring.bytes(self.head + first as u64);
            copy_out(at, count - first, buffer);
        }
        self.head += count as u64;
        self.ring.header().publish(End::Reader, self.head);
        Ok(count)
    }

    /// There is nothing to read: waits for something.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>) -> Wait {
        self.watch.wait(self.head, cx)
    }

    /// True when the writer sleeps, and has to be woken; it is told once.
    pub(super) fn wakes_writer(&self) -> bool {
        self.ring.header().wakes_peer(End::Reader)
    }
}

/// The bytes between two positions.
fn check(head: u64, tail: u64) -> io::Result<usize> {
    match usize::try_from(tail.wrapping_sub(head)) {
        Ok(used) if used <= CAPACITY => Ok(used),
        _ => {
            let reason = format!("the positions {head} and {tail} in shared memory make no sense");
            Err(io::Error::new(io::ErrorKind::InvalidData, reason))
        }
    }
}

#[expect(
    unsafe_code,
    reason = "the bytes of a ring belong to another process as well"
)]
fn copy_in(bytes: &[u8], at: NonNull<u8>) {
    // SAFETY: `Ring::bytes` gave this address with at least so many bytes. The reader has given
    // them back; one that reads them nevertheless harms itself.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), at.as_ptr(), bytes.len()) }
}

#[expect(
    unsafe_code,
    reason = "the bytes of a ring belong to another process as well"
)]
fn copy_out(at: NonNull<u8>, count: usize, buffer: &mut ReadBuf<'_>) {
    // SAFETY: `Ring::bytes` gave this address with at least so many bytes. The writer has published
    // them; from one that changes them nevertheless come bytes that are checked like all others,
    // after this copy, which is the only look at them. The buffer is not made uninitialised, and
    // the slice checks that it has the room.
    unsafe {
        let room = &mut buffer.unfilled_mut()[..count];
        ptr::copy_nonoverlapping(at.as_ptr(), room.as_mut_ptr().cast(), count);
        buffer.assume_init(count);
    }
    buffer.advance(count);
}

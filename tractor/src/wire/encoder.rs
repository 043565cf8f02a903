//! Frames into bytes, straight into a link's write buffer.

use std::time::Duration;

use bytes::BufMut;
use serde::Serialize;

use super::lending::borrow;
use super::outbox::Inserts;
use super::{CallId, FunctionId, Kind, StreamId, Terms};
use crate::base::{Aid, Error, TraceContext};

/// Why a frame could not be written; the buffer is as it was before.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error("it encodes to more than `max_frame` ({limit} bytes)")]
    TooLarge { limit: usize },
    #[error("{0}")]
    Value(postcard::Error),
}

/// Writes the content of a frame, or a part of it.
pub(crate) type Content<'a> = dyn FnMut(&mut Encoder<'_>) -> Result<(), EncodeError> + 'a;

/// What `fill` writes, outside any frame.
pub(crate) fn content(fill: &mut Content<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    fill(&mut Encoder {
        out: &mut out,
        inserts: None,
        end: usize::MAX,
        limit: usize::MAX,
    })?;
    Ok(out)
}

/// Appends one frame to `out` and hands `fill` the writer for its content.
pub(crate) fn encode<E>(
    out: &mut Vec<u8>,
    limit: usize,
    kind: Kind,
    fill: impl FnOnce(&mut Encoder<'_>) -> Result<(), E>,
) -> Result<(), E> {
    frame(out, None, limit, kind, fill)
}

/// Appends one frame to `out`, and to `inserts` what need not be copied.
#[inline]
pub(super) fn frame<E>(
    out: &mut Vec<u8>,
    inserts: Option<&mut Inserts>,
    limit: usize,
    kind: Kind,
    fill: impl FnOnce(&mut Encoder<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    let mut frame = Unfinished {
        out,
        start,
        inserts,
    };
    let before = frame.inserted();
    frame.out.put_u32_le(0);
    frame.out.put_u8(kind as u8);
    // The limit counts what the length field counts: everything after the length itself.
    let end = (start + 4).saturating_add(limit);
    fill(&mut frame.encoder(end, limit))?;
    let inserted = frame.inserted() - before;
    write_len(frame.out, start, inserted);
    frame.finish();
    Ok(())
}

/// Appends `bytes` to the last frame of `out`, which begins at `start`.
pub(super) fn extend(out: &mut Vec<u8>, start: usize, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    write_len(out, start, 0);
}

/// Appends one item of a stream to `out`, without a frame; no item is empty.
pub(crate) fn encode_item(
    out: &mut Vec<u8>,
    limit: usize,
    fill: impl FnOnce(&mut Encoder<'_>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = out.len();
    let mut item = Unfinished {
        out,
        start,
        inserts: None,
    };
    let end = start.saturating_add(limit);
    fill(&mut item.encoder(end, limit))?;
    if item.out.len() == start {
        item.out.push(0);
    }
    item.finish();
    Ok(())
}

/// Writes the length of the last frame, with the bytes that are inserted into it.
#[inline]
fn write_len(out: &mut [u8], start: usize, inserted: usize) {
    let content = start + 4;
    let len = u32::try_from(out.len() - content + inserted).expect("`max_frame` is below 4 GiB");
    out[start..content].copy_from_slice(&len.to_le_bytes());
}

/// A frame or an item that is taken back unless it is finished, also when a `Serialize` of the user
/// panics.
struct Unfinished<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    inserts: Option<&'a mut Inserts>,
}

impl Unfinished<'_> {
    fn encoder(&mut self, end: usize, limit: usize) -> Encoder<'_> {
        Encoder {
            out: self.out,
            inserts: self.inserts.as_deref_mut(),
            end,
            limit,
        }
    }

    /// The bytes of all inserts so far.
    fn inserted(&self) -> usize {
        self.inserts.as_ref().map_or(0, |inserts| inserts.size())
    }

    fn finish(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.out.truncate(self.start);
        if let Some(inserts) = &mut self.inserts {
            inserts.truncate(self.start);
        }
    }
}

/// Writes the content of one frame.
pub(crate) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    /// Where large byte strings go that are lent.
    inserts: Option<&'a mut Inserts>,
    /// So long `out` may become; what is inserted makes it less.
    end: usize,
    limit: usize,
}

impl Encoder<'_> {
    #[inline]
    pub(crate) fn call(&mut self, call: CallId) {
        self.out.put_u32_le(call.slot());
        self.out.put_u32_le(call.generation());
    }

    pub(crate) fn stream(&mut self, stream: StreamId) {
        self.call(stream.call);
        self.byte(stream.source as u8);
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.out.put_u8(byte);
    }

    pub(crate) fn count(&mut self, count: u64) {
        self.out.put_u64_le(count);
    }

    #[inline]
    pub(crate) fn function(&mut self, function: FunctionId) {
        self.out.put_u64_le(function.0);
    }

    /// What a message of [their kind](Terms::kind) says of them.
    #[inline]
    pub(crate) fn terms(&mut self, terms: &Terms<'_>) {
        self.remaining(terms.remaining);
        if let Some(trace) = terms.trace {
            self.trace(trace);
        }
    }

    fn trace(&mut self, trace: &TraceContext) {
        self.out.put_u128_le(trace.trace_id());
        self.out.put_u64_le(trace.span_id());
        self.out.put_u8(trace.flags());
    }

    /// A duration in nanoseconds; 0 stands for none, so that no time left is 1.
    #[inline]
    fn remaining(&mut self, remaining: Option<Duration>) {
        let nanos = remaining.map_or(0, |left| {
            u64::try_from(left.as_nanos()).unwrap_or(u64::MAX).max(1)
        });
        self.out.put_u64_le(nanos);
    }

    pub(crate) fn aid(&mut self, aid: &Aid) {
        self.value(aid)
            .expect("an identity is far below any frame limit");
    }

    pub(crate) fn error(&mut self, error: &Error) -> Result<(), EncodeError> {
        self.value(error)
    }

    /// Bytes that are encoded already.
    pub(crate) fn encoded(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        if bytes.len() > self.end.saturating_sub(self.out.len()) {
            return Err(EncodeError::TooLarge { limit: self.limit });
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Any serializable value.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let flavor = Bounded {
            out: self.out,
            inserts: self.inserts.as_deref_mut(),
            end: &mut self.end,
        };
        postcard::serialize_with_flavor(value, flavor).map_err(|error| match error {
            postcard::Error::SerializeBufferFull => EncodeError::TooLarge { limit: self.limit },
            other => EncodeError::Value(other),
        })
    }
}

/// Lets postcard append to the write buffer, up to the frame's end.
struct Bounded<'a> {
    out: &'a mut Vec<u8>,
    inserts: Option<&'a mut Inserts>,
    end: &'a mut usize,
}

impl postcard::ser_flavors::Flavor for Bounded<'_> {
    type Output = ();

    // serde calls it for every byte of a `Vec<u8>`.
    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.out.len() >= *self.end {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.out.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > self.end.saturating_sub(self.out.len()) {
            return Err(postcard::Error::SerializeBufferFull);
        }
        if let Some(inserts) = &mut self.inserts
            && let Some(lent) = borrow(bytes)
        {
            *self.end -= bytes.len();
            inserts.push(self.out.len(), lent);
            return Ok(());
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

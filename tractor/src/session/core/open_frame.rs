//! Items as frames, the last of which further items can join.

use super::Core;
use crate::session::outbound::CHUNK;
use crate::wire::{Kind, Outbox, StreamId};

/// The last frame of the outbound buffer, while further items of its stream can join it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenFrame {
    stream: StreamId,
    start: usize,
    end: usize,
}

impl Core {
    /// Writes items, into the last frame if that is of the same stream.
    pub(super) fn write_items(&mut self, stream: StreamId, items: &[u8]) {
        match self.open_frame {
            Some(open)
                if open.stream == stream
                    && open.end == self.outbound.end()
                    && open.end - open.start + items.len() <= CHUNK =>
            {
                self.outbound.extend(open.start, items);
                self.open_frame = Some(OpenFrame {
                    end: self.outbound.end(),
                    ..open
                });
            }
            _ => {
                let start = self.outbound.end();
                let limit = self.limits.frame;
                write_chunk(&mut self.outbound, limit, Kind::Yield, stream, items);
                let end = self.outbound.end();
                self.open_frame = Some(OpenFrame { stream, start, end });
            }
        }
    }
}

/// Writes items, or a part of one, as a frame of their own.
pub(super) fn write_chunk(
    outbound: &mut Outbox,
    limit: usize,
    kind: Kind,
    id: StreamId,
    bytes: &[u8],
) {
    outbound
        .encode(limit, kind, |frame| {
            frame.stream(id);
            frame.encoded(bytes)
        })
        .expect("a chunk is far below any frame limit");
}

//! The streams of the calls on one link.

use std::collections::{HashMap, VecDeque};
use std::task::Waker;

use super::inbound::Inbound;
use super::outbound::{Outbound, Stop};
use crate::base::{Error, StreamClosed};
use crate::wire::{CallId, End, StreamId};

/// Names a stream at this end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamKey {
    slot: u32,
    generation: u32,
}

/// One end of a stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) call: CallId,
    /// Which end of the call this is.
    pub(super) end: End,
    /// The function that was called.
    pub(super) function: &'static str,
    pub(super) inbound: Inbound,
    pub(super) outbound: Outbound,
    /// Somebody holds the half that reads.
    pub(super) is_read: bool,
    /// Somebody holds the half that writes.
    pub(super) is_written: bool,
    /// The call goes on.
    in_flight: bool,
}

/// Who waits for one end of a stream: its reader, its writer, and the handler whose answer follows.
pub(super) type StreamWakers = [Option<Waker>; 3];

/// A table of streams, which lives as long as one of its halves or its call does.
#[derive(Debug, Default)]
pub(super) struct Streams {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Where the streams are whose calls go on.
    of_call: HashMap<(CallId, End), u32>,
    /// The streams that can go on as soon as the link has room, first come first served.
    line: VecDeque<StreamKey>,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    stream: Option<Stream>,
}

impl Streams {
    /// Opens this end of the stream of a call.
    pub(super) fn open(
        &mut self,
        call: CallId,
        end: End,
        function: &'static str,
        window: usize,
    ) -> StreamKey {
        let stream = Stream {
            call,
            end,
            function,
            inbound: Inbound::new(window),
            outbound: Outbound::new(window),
            is_read: true,
            is_written: true,
            in_flight: true,
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            let fresh = u32::try_from(self.slots.len()).expect("calls in flight are below 2^32");
            self.slots.push(Slot {
                generation: 0,
                stream: None,
            });
            fresh
        });
        let place = &mut self.slots[slot as usize];
        place.generation = place.generation.wrapping_add(1);
        place.stream = Some(stream);
        self.of_call.insert((call, end), slot);
        StreamKey {
            slot,
            generation: place.generation,
        }
    }

    /// A stream, for as long as it is there.
    pub(super) fn get(&mut self, key: StreamKey) -> Option<&mut Stream> {
        let slot = self.slots.get_mut(key.slot as usize)?;
        match slot.generation == key.generation {
            true => slot.stream.as_mut(),
            false => None,
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.slots.iter().filter_map(|slot| slot.stream.as_ref())
    }

    /// The key of a stream whose call goes on.
    #[inline]
    pub(super) fn find(&self, call: CallId, end: End) -> Option<StreamKey> {
        let &slot = self.of_call.get(&(call, end))?;
        let generation = self.slots[slot as usize].generation;
        Some(StreamKey { slot, generation })
    }

    /// Puts a stream into the line of those that can go on, if it can.
    pub(super) fn queue(&mut self, key: StreamKey) {
        if let Some(stream) = self.get(key)
            && !stream.outbound.in_line
            && stream.outbound.can_go_on()
        {
            stream.outbound.in_line = true;
            self.line.push_back(key);
        }
    }

    /// True while a stream could go on.
    #[inline]
    pub(super) fn has_work(&self) -> bool {
        !self.line.is_empty()
    }

    /// The next stream that can go on.
    pub(super) fn next_in_line(&mut self) -> Option<StreamKey> {
        while let Some(key) = self.line.pop_front() {
            if let Some(stream) = self.get(key) {
                stream.outbound.in_line = false;
                if stream.outbound.can_go_on() {
                    return Some(key);
                }
            }
        }
        None
    }

    /// True when no call that goes on has a stream: the usual case.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.of_call.is_empty()
    }

    /// The call of a stream has ended, by its answer or, with `None`, without one that this end
    /// would see. What has arrived before can still be read.
    #[inline]
    pub(super) fn call_ended(
        &mut self,
        call: CallId,
        end: End,
        how: Option<Result<(), Error>>,
    ) -> StreamWakers {
        let Some(key) = self.find(call, end) else {
            return StreamWakers::default();
        };
        self.of_call.remove(&(call, end));
        let wakers = self.get(key).map(|stream| {
            stream.in_flight = false;
            stream.cut(how)
        });
        self.forget_unused(key);
        wakers.unwrap_or_default()
    }

    /// A stream is over because of `why`, while its call still goes on.
    pub(super) fn cut_off(&mut self, call: CallId, end: End, why: &Error) -> StreamWakers {
        let stream = self.find(call, end).and_then(|key| self.get(key));
        stream.map_or_else(StreamWakers::default, |stream| {
            stream.cut(Some(Err(why.clone())))
        })
    }

    /// Every call has ended.
    pub(super) fn all_ended(&mut self, error: &Error) -> Vec<Waker> {
        let calls: Vec<_> = self.of_call.keys().copied().collect();
        calls
            .into_iter()
            .flat_map(|(call, end)| self.call_ended(call, end, Some(Err(error.clone()))))
            .flatten()
            .collect()
    }

    /// Frees the place of a stream that nobody uses.
    pub(super) fn forget_unused(&mut self, key: StreamKey) {
        if let Some(stream) = self.get(key)
            && !(stream.is_read || stream.is_written || stream.in_flight)
        {
            self.slots[key.slot as usize].stream = None;
            self.free.push(key.slot);
        }
    }
}

impl Stream {
    /// The direction from here.
    pub(super) fn outgoing(&self) -> StreamId {
        StreamId {
            call: self.call,
            source: self.end,
        }
    }

    /// The direction to here.
    pub(super) fn incoming(&self) -> StreamId {
        StreamId {
            call: self.call,
            source: self.end.other(),
        }
    }

    fn cut(&mut self, how: Option<Result<(), Error>>) -> StreamWakers {
        let closed = || Error::from(StreamClosed::new(self.function));
        let how = how.unwrap_or_else(|| Err(closed()));
        let reason = || how.clone().err().unwrap_or_else(closed);
        self.outbound.closed.get_or_insert_with(reason);
        self.outbound.clear();
        self.outbound.stop = Stop::Told;
        let [writer, handler] = self.outbound.wakers();
        [self.inbound.end(how), writer, handler]
    }
}

//! What the state machine does with the streams of calls.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::Core;
use super::open_frame::write_chunk;
use crate::base::{Error, StreamClosed};
use crate::session::batch::Batch;
use crate::session::outbound::{CHUNK, Stop};
use crate::session::streams::StreamKey;
use crate::wire::{CallId, Content, EncodeError, End, Kind, StreamId, Violation, Wait};

/// Whether an item is worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writable {
    Yes,
    /// Nobody reads: what is sent is thrown away.
    Unread,
    /// Never: the other end waits for this one, in the stream of this function.
    Deadlocked(&'static str),
}

/// What a peer says about a stream.
#[derive(Debug)]
pub(super) enum Said {
    Items { bytes: Bytes, whole: bool },
    Stop,
    Credit(u64),
    Discard,
    Starved(Wait, u64),
}

impl Core {
    /// Opens this end of the stream of a call.
    pub(in crate::session) fn open_stream(
        &mut self,
        call: CallId,
        end: End,
        function: &'static str,
    ) -> StreamKey {
        self.streams.open(call, end, function, self.limits.window)
    }

    /// Tells the caller of a context that it has begun.
    pub(in crate::session) fn say_started(
        &mut self,
        call: CallId,
        value: &mut Content<'_>,
    ) -> Result<(), EncodeError> {
        if self.closed.is_some() {
            return Ok(());
        }
        let limit = self.limits.frame;
        self.outbound.encode(limit, Kind::Started, |frame| {
            frame.call(call);
            value(frame)
        })
    }

    /// The value that a context started with; `None` when it ended without one.
    pub(in crate::session) fn poll_started(
        &mut self,
        key: StreamKey,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Bytes>> {
        match self.streams.get(key) {
            Some(stream) => stream.inbound.poll_first(cx),
            None => Poll::Ready(None),
        }
    }

    /// Puts the items that have arrived into `batch`; `None` when no more will come.
    pub(in crate::session) fn poll_batch(
        &mut self,
        key: StreamKey,
        batch: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        let Some(stream) = self.streams.get(key) else {
            return Poll::Ready(None);
        };
        let polled = stream.inbound.poll_batch(batch, cx);
        self.grant(key);
        polled
    }

    /// Whether an item can be sent; `alone` when nobody at this end can read meanwhile.
    pub(in crate::session) fn poll_writable(
        &mut self,
        key: StreamKey,
        alone: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Writable, Error>> {
        let Some(stream) = self.streams.get(key) else {
            return Poll::Ready(Ok(Writable::Unread));
        };
        let out = &mut stream.outbound;
        let ready = if let Some(closed) = &out.closed {
            Err(closed.clone())
        } else if out.stop != Stop::No {
            // What is sent behind the end is refused, without waiting for anybody.
            Ok(Writable::Yes)
        } else if out.unread {
            Ok(Writable::Unread)
        } else if std::mem::take(&mut out.waits.deadlocked) && alone {
            Ok(Writable::Deadlocked(stream.function))
        } else if out.is_clear() {
            Ok(Writable::Yes)
        } else {
            out.wait(cx);
            out.waits.here = match (out.credit > 0, alone) {
                (true, _) => Wait::No,
                (false, true) => Wait::Alone,
                (false, false) => Wait::Shared,
            };
            self.tell_waits(key);
            return Poll::Pending;
        };
        self.waits_no_more(key);
        Poll::Ready(ready)
    }

    /// Whether the reader is so far behind that the window is used up.
    pub(in crate::session) fn is_overrun(&mut self, key: StreamKey) -> bool {
        let stream = self.streams.get(key);
        stream.is_some_and(|stream| {
            let out = &stream.outbound;
            out.closed.is_none() && !out.unread && out.is_overrun()
        })
    }

    /// Takes a batch of items; of those that wait, the oldest are dropped to keep at most `most`
    /// bytes. Gives the number of those that were.
    pub(in crate::session) fn put(
        &mut self,
        key: StreamKey,
        batch: &mut Batch,
        most: Option<usize>,
    ) -> Result<usize, Error> {
        let mut dropped = 0;
        if let Some(large) = batch.split_large() {
            dropped = self.put(key, batch, most)?;
            *batch = large;
        }
        batch.admit(0);
        let room = self.has_room();
        let Some(stream) = self.streams.get(key) else {
            batch.clear();
            return Ok(dropped);
        };
        let id = stream.outgoing();
        let out = &mut stream.outbound;
        if out.unread || out.closed.is_some() || out.stop != Stop::No {
            batch.clear();
            return match &out.closed {
                Some(closed) => Err(closed.clone()),
                None if out.stop != Stop::No => Err(StreamClosed::new(stream.function).into()),
                None => Ok(dropped),
            };
        }
        let len = batch.bytes().len();
        if room && out.is_clear() && out.credit > 0 && len <= CHUNK {
            out.spend(len);
            batch.admit(out.credit);
            self.write_items(id, batch.bytes());
            batch.clear();
            return Ok(dropped);
        }
        let (bytes, count) = batch.take();
        out.push(bytes, count);
        dropped += most.map_or(0, |most| out.drop_oldest(most));
        self.streams.queue(key);
        Ok(dropped)
    }

    /// Says that no more items follow those that were taken. Fails when that can change nothing.
    pub(in crate::session) fn stop(&mut self, key: StreamKey) -> Result<(), Error> {
        let Some(stream) = self.streams.get(key) else {
            return Ok(());
        };
        if let Some(closed) = &stream.outbound.closed {
            return Err(closed.clone());
        }
        if stream.outbound.stop == Stop::No {
            stream.outbound.stop = Stop::Asked;
            self.tell_stop(key);
        }
        Ok(())
    }

    /// Whether every item that was taken is on its way.
    pub(in crate::session) fn poll_flushed(
        &mut self,
        key: StreamKey,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let Some(stream) = self.streams.get(key) else {
            return Poll::Ready(Ok(()));
        };
        let out = &mut stream.outbound;
        if out.is_clear() {
            // After a graceful stop it does not matter that the call has ended, too.
            return Poll::Ready(match &out.closed {
                Some(closed) if out.stop == Stop::No => Err(closed.clone()),
                _ => Ok(()),
            });
        }
        out.wait(cx);
        Poll::Pending
    }

    /// Whether everything that the handler of a call has sent is on its way: its answer follows.
    #[inline]
    pub(in crate::session) fn poll_flushed_by(
        &mut self,
        call: CallId,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let key = self.streams.find(call, End::Callee);
        match key.and_then(|key| self.streams.get(key)) {
            Some(stream) if !stream.outbound.is_clear() => {
                stream.outbound.handler_waits(cx);
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }

    /// Nobody reads here any more.
    pub(in crate::session) fn drop_reader(&mut self, key: StreamKey) {
        if let Some(stream) = self.streams.get(key) {
            stream.is_read = false;
            stream.inbound.discard();
            if stream.outbound.closed.is_none() {
                let id = stream.incoming();
                self.control(Kind::Discard, |frame| frame.stream(id));
            }
            self.grant(key);
            self.streams.forget_unused(key);
        }
    }

    /// Nobody writes here any more.
    pub(in crate::session) fn drop_writer(&mut self, key: StreamKey) {
        self.waits_no_more(key);
        // What has ended already needs no end.
        let _ = self.stop(key);
        if let Some(stream) = self.streams.get(key) {
            stream.is_written = false;
            self.streams.forget_unused(key);
        }
    }

    /// Takes chunks of what waits to be sent, while there is room for them.
    #[inline]
    pub(in crate::session) fn fill(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while self.has_room()
            && let Some(key) = self.streams.next_in_line()
        {
            let Some(stream) = self.streams.get(key) else {
                continue;
            };
            let id = stream.outgoing();
            let (outbound, limit) = (&mut self.outbound, self.limits.frame);
            stream.outbound.send_chunk(|chunk, whole| {
                let kind = if whole { Kind::Yield } else { Kind::Part };
                write_chunk(outbound, limit, kind, id, chunk);
            });
            if stream.outbound.is_clear() {
                wakers.extend(stream.outbound.wakers().into_iter().flatten());
                self.tell_stop(key);
            } else if stream.outbound.can_go_on() {
                self.streams.queue(key);
            } else {
                // From now on its writer waits for the other end, which it has to tell.
                wakers.extend(stream.outbound.writer.take());
            }
        }
        wakers
    }

    /// Handles what the peer says about a stream. One that is not there has ended.
    pub(super) fn hear(
        &mut self,
        id: StreamId,
        said: Said,
    ) -> Result<[Option<Waker>; 2], Violation> {
        let end = match said {
            Said::Items { .. } | Said::Stop | Said::Starved(..) => id.source.other(),
            Said::Credit(_) | Said::Discard => id.source,
        };
        let Some(key) = self.streams.find(id.call, end) else {
            return Ok([None, None]);
        };
        let limit = self.limits.frame;
        let Some(stream) = self.streams.get(key) else {
            return Ok([None, None]);
        };
        let waker = match said {
            Said::Items { bytes, whole } => {
                stream.outbound.waits.hear(bytes.len() as u64);
                let waker = stream.inbound.receive(&bytes, whole, limit)?;
                self.grant(key);
                waker
            }
            Said::Stop => stream.inbound.end(Ok(())),
            Said::Credit(bytes) => {
                stream.outbound.add_credit(bytes)?;
                stream.outbound.waits.hear(bytes);
                self.streams.queue(key);
                self.waits_anew(key);
                None
            }
            Said::Discard => {
                stream.outbound.unread = true;
                stream.outbound.clear();
                let wakers = stream.outbound.wakers();
                self.tell_stop(key);
                return Ok(wakers);
            }
            Said::Starved(wait, heard) => self.peer_waits(key, wait, heard),
        };
        Ok([waker, None])
    }

    /// The value that a context starts with.
    pub(super) fn hear_started(
        &mut self,
        call: CallId,
        value: Bytes,
    ) -> Result<Option<Waker>, Violation> {
        let key = self.streams.find(call, End::Caller);
        let Some(stream) = key.and_then(|key| self.streams.get(key)) else {
            return Ok(None);
        };
        match stream.inbound.start(value) {
            true => Ok(stream.inbound.reader()),
            false => Err(Violation::OutOfTurn(Kind::Started)),
        }
    }

    fn tell_stop(&mut self, key: StreamKey) {
        if let Some(stream) = self.streams.get(key)
            && stream.outbound.stop == Stop::Asked
            && stream.outbound.is_clear()
        {
            stream.outbound.stop = Stop::Told;
            let id = stream.outgoing();
            self.control(Kind::Stop, |frame| frame.stream(id));
        }
    }

    fn grant(&mut self, key: StreamKey) {
        if let Some(stream) = self.streams.get(key)
            && let Some(bytes) = stream.inbound.grant()
        {
            stream.outbound.waits.said += bytes;
            let id = stream.incoming();
            self.control(Kind::Credit, |frame| {
                frame.stream(id);
                frame.count(bytes);
            });
        }
    }
}

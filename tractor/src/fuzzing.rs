//! What a fuzzer feeds bytes to; here only under `cfg(fuzzing)`, and not part of the API.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::{io, mem, pin};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf, join, sink};

use crate::base::{Aid, ConfigError, TraceContext};
use crate::session::{Dispatch, Driver, Limits, Line, Link, Request, StreamHalves, Ticket};
use crate::transport::{Frames, survive};
use crate::wire::{CallId, Decoder, Encoder, FunctionId, Hello, Kind, Spec, Terms, Violation};

/// Small enough for a fuzzer to exceed.
const LIMITS: Limits = Limits {
    in_flight: 8,
    frame: 4096,
    window: 1024,
};

/// Decodes `bytes` as the frames of a session, and as those of a handshake (W1).
pub fn frames(bytes: &[u8]) {
    let decoder = Decoder::new(LIMITS.frame);
    let mut session = BytesMut::from(bytes);
    while let Ok(Some(_)) = decoder.decode(&mut session) {}
    let _ = decoder.decode_only::<Spec>(Kind::Spec, &mut BytesMut::from(bytes));
    let _ = decoder.decode_only::<Hello>(Kind::Hello, &mut BytesMut::from(bytes));
}

/// Lets a peer say `bytes`, the first of which tells how many arrive at a time, on a link with
/// calls in flight (W1).
///
/// # Panics
///
/// When a call is left unresolved after the link is closed (C1).
pub fn session(bytes: &[u8]) {
    let Some((&first, said)) = bytes.split_first() else {
        return;
    };
    let aid = |path| Aid::of_this_process(path, 0);
    let link = Link::new(aid("root"), aid("root.peer"), LIMITS);
    let mut context = Context::from_waker(Waker::noop());
    let mut streams = Vec::new();
    let mut start = |n| {
        let (mut ticket, function) = (Ticket::default(), FunctionId(n));
        let trace = TraceContext::new(u128::from(n / 2), n, 1);
        let terms = Terms {
            remaining: None,
            trace: trace.as_ref(),
        };
        if n % 2 == 1 {
            let function = (function, "f");
            let started =
                link.poll_start_stream(&mut ticket, &mut context, function, &terms, &mut |frame| {
                    frame.value(&n)
                });
            let Poll::Ready(Ok((call, (reader, mut writer)))) = started else {
                panic!("a new link has room");
            };
            // An item that is too large is no concern of the peer's.
            let _ = writer.add(|frame| frame.value(&vec![n; 100]));
            let _ = writer.hand_over(None);
            streams.push((reader, writer));
            return call;
        }
        match link.poll_start(
            &mut ticket,
            &mut context,
            (function, "fuzzed"),
            &terms,
            &mut |frame| frame.value(&n),
        ) {
            Poll::Ready(Ok(call)) => call,
            _ => panic!("a new link has room"),
        }
    };
    let calls: Vec<_> = (0..4).map(&mut start).collect();
    let (abandoned, awaited) = calls.split_at(1);
    abandoned.iter().for_each(|call| link.abandon(*call));

    let peer = Peer {
        // A carrier owns what it carries.
        said: Bytes::copy_from_slice(said),
        at_a_time: usize::from(first).max(1),
    };
    let echo = Echo {
        link: link.clone(),
        held: Vec::new(),
        streams: Vec::new(),
    };
    let (driver, _finish) = Driver::new(
        Frames::new(join(peer, sink()), LIMITS.frame),
        link.clone(),
        echo,
    );
    let mut driven = pin::pin!(driver.run());
    // Each time it reads a byte at least, and then the end.
    assert!(
        (0..said.len() + 2).any(|_| driven.as_mut().poll(&mut context).is_ready()),
        "the peer has said all, and its link goes on"
    );

    link.close(&ConfigError::new("the peer is gone").into());
    for call in awaited {
        assert!(link.poll(*call, &mut context).is_ready(), "a call is left");
    }
    for (reader, writer) in &streams {
        let mut batch = Vec::new();
        while let Poll::Ready(Some(_)) = reader.poll_batch(&mut batch, &mut context) {}
        let over = reader.poll_batch(&mut batch, &mut context).is_ready();
        let closed = writer.poll_writable(true, &mut context).is_ready();
        assert!(over && closed, "a stream is left");
    }
}

/// Lets `bytes` say what a peer does to the memory that it shares, and when this end reads and writes
/// (W1).
///
/// # Panics
///
/// When this end takes or gives more bytes than it may.
pub fn memory(bytes: &[u8]) {
    survive(bytes);
}

/// Says what it has to say, a few bytes at a time.
struct Peer {
    said: Bytes,
    at_a_time: usize,
}

impl AsyncRead for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.said.len().min(self.at_a_time).min(buffer.remaining());
        buffer.put_slice(&self.said.split_to(count));
        Poll::Ready(Ok(()))
    }
}

/// Answers every second call with its arguments, and the others when they are cancelled.
struct Echo {
    link: Link,
    held: Vec<CallId>,
    /// Of the held calls, never read.
    streams: Vec<StreamHalves>,
}

impl Dispatch for Echo {
    fn start(&mut self, request: Request, cx: &mut Context<'_>) -> Result<(), Violation> {
        let Request { call, args, .. } = request;
        match call.slot() % 2 {
            0 => {
                // Too large for the limit is an answer that a real callee replaces by an error.
                let mut ticket = Ticket::default();
                let mut answer = |frame: &mut Encoder<'_>| frame.encoded(&args);
                let answered = self.link.poll_give_back(&mut ticket, cx, call, &mut answer);
                if answered.is_pending() {
                    self.link.give_up(Line::Answers, &mut ticket);
                    self.held.push(call);
                }
            }
            _ => {
                let (reader, mut writer) = self.link.accept_stream(call, "f");
                let _ = writer.add(|frame| frame.encoded(&args));
                let _ = writer.hand_over(None);
                self.streams.push((reader, writer));
                self.held.push(call);
            }
        }
        Ok(())
    }

    fn cancel(&mut self, call: CallId) {
        if self.held.contains(&call) {
            self.held.retain(|held| *held != call);
            self.link.acknowledge(call, self.link.me());
        }
    }

    fn cancel_actor(&mut self, by: Aid) {
        for call in mem::take(&mut self.held) {
            self.link.acknowledge(call, &by);
        }
    }
}

//! The state machine of a session: no I/O, no clock, no tokio.

mod open_frame;
mod room;
mod streaming;
mod waits;

use std::task::{Poll, Waker};

use super::action::{Action, Ask, Request};
use super::in_flight::{Answer, Begun, InFlight};
use super::queue::Queue;
use super::streams::{Stream, StreamWakers, Streams};
use crate::base::{Aid, Cancelled, Error};
use crate::wire::{
    CallId, Content, EncodeError, Encoder, End, FunctionId, Kind, Message, Outbox, StreamId, Terms,
    Violation,
};

use self::open_frame::OpenFrame;
use self::room::HIGH_WATER;
use self::streaming::Said;
pub(crate) use self::streaming::Writable;
pub(super) use self::waits::Standstill;

/// What refusals and acknowledgements, which wait for no room, may add for each call in flight.
const SHORT_FRAME: usize = 4 << 10;

/// What one session holds at most (B1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Calls in flight, in each direction.
    pub(crate) in_flight: usize,
    /// Bytes of one frame.
    pub(crate) frame: usize,
    /// Bytes of items that a stream may have sent and that are not read, in each direction.
    pub(crate) window: usize,
}

/// One end of a session.
#[derive(Debug)]
pub(super) struct Core {
    limits: Limits,
    in_flight: InFlight,
    streams: Streams,
    outbound: Outbox,
    /// The last frame of `outbound`, if more items of its stream can join it.
    open_frame: Option<OpenFrame>,
    /// Callers and answerers that wait for room. Answers go first: they free the peer's slots.
    callers: Queue,
    answerers: Queue,
    /// Why nothing more can be called here.
    closed: Option<Error>,
    /// True once the peer is being replaced: see [`retire`](Self::retire).
    retired: bool,
    /// Whether the peer acknowledged that it is to end, and who waits for that.
    actor_ack: ActorAck,
    /// What nobody was warned of yet.
    standstill: Option<Standstill>,
}

#[derive(Debug)]
enum ActorAck {
    Awaited(Option<Waker>),
    Received,
}

impl Core {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            in_flight: InFlight::default(),
            streams: Streams::default(),
            outbound: Outbox::default(),
            open_frame: None,
            callers: Queue::default(),
            answerers: Queue::default(),
            closed: None,
            retired: false,
            actor_ack: ActorAck::Awaited(None),
            standstill: None,
        }
    }

    /// What this session holds at most.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The frames that wait to be written.
    #[inline]
    pub(super) fn outbound(&mut self) -> &mut Outbox {
        // Whoever asks takes them away.
        self.open_frame = None;
        &mut self.outbound
    }

    /// True when there is something to write.
    #[inline]
    pub(super) fn has_output(&self) -> bool {
        !self.outbound.is_empty() || self.streams.has_work()
    }

    /// The calls that the peer has not answered.
    #[cfg(test)]
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Handles one message of the peer.
    #[inline]
    pub(super) fn receive(&mut self, message: Message) -> Result<Action, Violation> {
        // A peer that keeps its limits cannot cause more than this, however slowly it reads.
        let most = HIGH_WATER + 2 * self.limits.frame + self.limits.in_flight * SHORT_FRAME;
        if self.outbound.len() > most {
            return Err(Violation::NotReading(most));
        }
        Ok(match message {
            Message::Start {
                call,
                function,
                remaining,
                trace,
                args,
            } => Action::Ask(Ask::Start(Request {
                call,
                function,
                remaining,
                trace,
                args,
            })),
            Message::Return { call, value } => self.answer(call, Ok(value))?,
            Message::Error { call, error } => self.answer(call, Err(error))?,
            // Of a peer that is being replaced, calls wait for what became of it.
            Message::CancelAck { .. } if self.retired => Action::Wake(None),
            Message::CancelAck { call, by } => self.answer(call, Err(Cancelled::new(by).into()))?,
            Message::Cancel { call } => Action::Ask(Ask::Cancel(call)),
            Message::Started { call, value } => Action::Wake(self.hear_started(call, value)?),
            Message::Yield { stream, items } => {
                let (bytes, whole) = (items, true);
                self.hear_of(stream, Said::Items { bytes, whole })?
            }
            Message::Part { stream, bytes } => {
                let whole = false;
                self.hear_of(stream, Said::Items { bytes, whole })?
            }
            Message::Stop { stream } => self.hear_of(stream, Said::Stop)?,
            Message::Credit { stream, bytes } => self.hear_of(stream, Said::Credit(bytes))?,
            Message::Discard { stream } => self.hear_of(stream, Said::Discard)?,
            Message::Starved {
                stream,
                wait,
                heard,
            } => self.hear_of(stream, Said::Starved(wait, heard))?,
            Message::CancelActor { by } => {
                self.control(Kind::CancelActorAck, |_| {});
                Action::Ask(Ask::CancelActor(by))
            }
            Message::CancelActorAck => {
                match std::mem::replace(&mut self.actor_ack, ActorAck::Received) {
                    ActorAck::Awaited(waker) => Action::Wake(waker),
                    ActorAck::Received => Action::Wake(None),
                }
            }
        })
    }

    /// Starts a call at the peer; `args` writes its arguments.
    pub(super) fn start(
        &mut self,
        function: FunctionId,
        begun: Begun,
        terms: &Terms<'_>,
        args: &mut Content<'_>,
    ) -> Result<CallId, StartError> {
        if !self.is_open() {
            return Err(StartError::Closed);
        }
        let call = self.in_flight.vacant();
        self.outbound
            .encode(self.limits.frame, terms.kind(), |frame| {
                frame.call(call);
                frame.function(function);
                frame.terms(terms);
                args(frame)
            })
            .map_err(StartError::Encode)?;
        self.in_flight.insert(call, begun);
        Ok(call)
    }

    /// The calls that the peer has, and whether they were given up.
    pub(super) fn calls(&self) -> impl Iterator<Item = (Begun, bool)> {
        self.in_flight.iter()
    }

    /// The streams that have an end here.
    pub(super) fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter()
    }

    /// Asks the peer to cancel a call, whose answer is still awaited: it will say that.
    pub(super) fn cancel(&mut self, call: CallId) {
        if self.in_flight.is_awaited(call) {
            self.control(Kind::Cancel, |frame| frame.call(call));
        }
    }

    /// The answer of a call that was started.
    #[inline]
    pub(super) fn poll(&mut self, call: CallId, waker: &Waker) -> Poll<Answer> {
        self.in_flight.poll(call, waker)
    }

    /// Drops a call: it is cancelled at the peer, unless its answer is here already (C2).
    pub(super) fn abandon(&mut self, call: CallId) -> StreamWakers {
        if self.in_flight.abandon(call) {
            self.control(Kind::Cancel, |frame| frame.call(call));
        }
        self.streams.call_ended(call, End::Caller, None)
    }

    /// Cuts the stream of a call off, because of what becomes of that.
    pub(super) fn cut_off(&mut self, call: CallId, why: &Error) -> StreamWakers {
        self.streams.cut_off(call, End::Caller, why)
    }

    /// A call of the peer is answered: its stream is over.
    #[inline]
    pub(super) fn served(&mut self, call: CallId) -> StreamWakers {
        self.streams.call_ended(call, End::Callee, None)
    }

    /// Answers a call of the peer with a value.
    pub(super) fn give_back(
        &mut self,
        call: CallId,
        value: &mut Content<'_>,
    ) -> Result<(), EncodeError> {
        if self.closed.is_some() {
            return Ok(());
        }
        self.outbound
            .encode(self.limits.frame, Kind::Return, |frame| {
                frame.call(call);
                value(frame)
            })
    }

    /// Answers a call of the peer with a failure.
    pub(super) fn fail(&mut self, call: CallId, error: &Error) -> Result<(), EncodeError> {
        if self.closed.is_some() {
            return Ok(());
        }
        self.outbound
            .encode(self.limits.frame, Kind::Error, |frame| {
                frame.call(call);
                frame.error(error)
            })
    }

    /// Acknowledges that a call of the peer was cancelled, and is gone (C2).
    pub(super) fn acknowledge(&mut self, call: CallId, by: &Aid) {
        self.control(Kind::CancelAck, |frame| {
            frame.call(call);
            frame.aid(by);
        });
    }

    /// Asks the peer to end itself.
    pub(super) fn cancel_actor(&mut self, by: &Aid) {
        self.control(Kind::CancelActor, |frame| frame.aid(by));
    }

    /// Whether the peer has read that it is to end.
    pub(super) fn poll_actor_ack(&mut self, waker: &Waker) -> Poll<()> {
        match &mut self.actor_ack {
            ActorAck::Received => Poll::Ready(()),
            ActorAck::Awaited(slot) => {
                *slot = Some(waker.clone());
                Poll::Pending
            }
        }
    }

    /// False once no call can be started here any more.
    pub(super) fn is_open(&self) -> bool {
        self.closed.is_none() && !self.retired
    }

    /// True once the peer is being replaced.
    pub(super) fn is_retired(&self) -> bool {
        self.retired
    }

    /// Why the session is closed, once it is.
    pub(super) fn closed(&self) -> Option<&Error> {
        self.closed.as_ref()
    }

    /// Notes that the peer is about to be replaced: nothing more is started here, and what is in
    /// flight is told of the peer's end instead of its cancellation. Gives those who wait in line,
    /// to try elsewhere.
    pub(super) fn retire(&mut self) -> Vec<Waker> {
        self.retired = true;
        self.callers.drain().collect()
    }

    /// Ends the session: everything in flight fails with `error`, and so does every later call.
    ///
    /// The first reason is the one that stays.
    pub(super) fn close(&mut self, error: &Error) -> Vec<Waker> {
        if self.closed.is_some() {
            return Vec::new();
        }
        self.closed = Some(error.clone());
        self.outbound.clear(0);
        let mut wakers = self.in_flight.fail_all(error);
        wakers.extend(self.streams.all_ended(error));
        wakers.extend(self.callers.drain());
        wakers.extend(self.answerers.drain());
        wakers
    }

    #[inline]
    fn answer(&mut self, call: CallId, answer: Answer) -> Result<Action, Violation> {
        if self.streams.is_empty() {
            return self.in_flight.answer(call, answer).map(Action::Wake);
        }
        let how = answer.as_ref().map(drop).map_err(Error::clone);
        let waker = self.in_flight.answer(call, answer)?;
        let [reader, writer, handler] = self.streams.call_ended(call, End::Caller, Some(how));
        Ok(Action::WakeAll([waker, reader, writer, handler]))
    }

    fn hear_of(&mut self, stream: StreamId, said: Said) -> Result<Action, Violation> {
        let [first, second] = self.hear(stream, said)?;
        Ok(match second {
            None => Action::Wake(first),
            Some(_) => Action::WakeAll([first, second, None, None]),
        })
    }

    /// Writes a small frame that never waits for room: at most a few per call exist.
    fn control(&mut self, kind: Kind, fill: impl FnOnce(&mut Encoder<'_>)) {
        if self.closed.is_some() {
            return;
        }
        let written = self.outbound.encode(self.limits.frame, kind, |frame| {
            fill(frame);
            Ok::<_, std::convert::Infallible>(())
        });
        match written {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
}

/// Why a call could not be started.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The session is over, or about to be.
    Closed,
    /// The arguments could not be encoded.
    Encode(EncodeError),
}

//! Streams between two state machines, in any order of events, without I/O.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};

use super::action::{Action, Ask};
use super::batch::Batch;
use super::core::{Core, Limits, Writable};
use super::in_flight::Begun;
use super::inbound::signed;
use super::outbound::CHUNK;
use super::streams::StreamKey;
use crate::base::{ConfigError, Error};
use crate::wire::{CallId, Decoder, End, FunctionId, Kind, StreamId, Terms, Violation, encode};

const LIMITS: Limits = Limits {
    in_flight: 8,
    frame: 128 << 10,
    window: 1024,
};

/// One thing that happens at one of the two ends.
#[derive(Debug, Clone)]
enum Step {
    /// An item of so many bytes more than its number.
    Send(usize),
    HandOver,
    Read,
    Stop,
    DropReader,
    DropWriter,
    /// Moves some bytes to the other end.
    Deliver(usize),
}

fn any_step() -> impl Strategy<Value = (bool, Step)> {
    let step = prop_oneof![
        8 => (0_usize..400).prop_map(Step::Send),
        1 => (0_usize..90_000).prop_map(Step::Send),
        4 => any::<()>().prop_map(|()| Step::HandOver),
        8 => any::<()>().prop_map(|()| Step::Read),
        1 => any::<()>().prop_map(|()| Step::Stop),
        1 => any::<()>().prop_map(|()| Step::DropReader),
        1 => any::<()>().prop_map(|()| Step::DropWriter),
        12 => (1_usize..50_000).prop_map(Step::Deliver),
    ];
    (any::<bool>(), step)
}

/// How the call ends.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Returns,
    Fails,
    IsDropped,
}

fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<()>().prop_map(|()| Answer::Returns),
        any::<()>().prop_map(|()| Answer::Fails),
        any::<()>().prop_map(|()| Answer::IsDropped),
    ]
}

/// One end of a call with a stream.
struct Side {
    core: Core,
    key: StreamKey,
    /// The items that are not handed over, and how many of them are expected.
    batch: Batch,
    batched: usize,
    /// What is on its way from here.
    sent: BytesMut,
    /// What has arrived here and is no whole frame.
    received: BytesMut,
    next: u32,
    stopped: bool,
    /// The items that are to arrive here.
    expected: VecDeque<(u32, usize)>,
    reads: bool,
    over: bool,
    cut: bool,
}

impl Side {
    fn new(mut core: Core, call: CallId, end: End) -> Self {
        Self {
            key: core.open_stream(call, end, "f"),
            core,
            batch: Batch::default(),
            batched: 0,
            sent: BytesMut::new(),
            received: BytesMut::new(),
            next: 0,
            stopped: false,
            expected: VecDeque::new(),
            reads: true,
            over: false,
            cut: false,
        }
    }

    fn flush(&mut self) {
        loop {
            self.core.fill();
            if self.core.outbound().is_empty() {
                return;
            }
            self.sent.extend(self.core.outbound().pieces().flatten());
            self.core.outbound().clear(0);
        }
    }

    /// Reads what is there; every item has to be the next one.
    fn read(&mut self) -> bool {
        if !self.reads || self.over {
            return false;
        }
        let mut batch = Vec::new();
        match self.core.poll_batch(self.key, &mut batch, &mut noop()) {
            Poll::Pending => return false,
            Poll::Ready(None) => self.over = true,
            Poll::Ready(Some(Err(_))) => (self.over, self.cut) = (true, true),
            Poll::Ready(Some(Ok(()))) => {
                assert!(!batch.is_empty());
                let most = LIMITS.window + CHUNK + LIMITS.frame;
                assert!(batch.len() <= most, "{} bytes were not read", batch.len());
                self.check(&batch);
            }
        }
        true
    }

    fn check(&mut self, mut batch: &[u8]) {
        while !batch.is_empty() {
            let ((number, item), rest): ((u32, Vec<u8>), _) =
                postcard::take_from_bytes(batch).expect("whole items");
            let expected = self.expected.pop_front();
            assert_eq!(expected, Some((number, item.len())));
            batch = rest;
        }
    }
}

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

struct World {
    call: CallId,
    /// The caller and the callee.
    sides: [Side; 2],
    answered: bool,
}

impl World {
    fn new() -> Self {
        let mut caller = Core::new(LIMITS);
        let call = caller
            .start(
                FunctionId(1),
                Begun::default(),
                &Terms::default(),
                &mut |_| Ok(()),
            )
            .expect("there is room");
        let mut world = Self {
            call,
            sides: [
                Side::new(caller, call, End::Caller),
                Side::new(Core::new(LIMITS), call, End::Callee),
            ],
            answered: false,
        };
        world.deliver(0, usize::MAX);
        world
    }

    fn step(&mut self, (at, step): &(bool, Step)) {
        let at = usize::from(*at);
        match *step {
            Step::Send(size) => self.send(at, size),
            Step::Read => {
                self.sides[at].read();
            }
            Step::HandOver => self.hand_over(at),
            Step::Stop => {
                self.hand_over(at);
                let side = &mut self.sides[at];
                let _ = side.core.stop(side.key);
                side.stopped = true;
            }
            Step::DropReader => {
                let side = &mut self.sides[at];
                if std::mem::take(&mut side.reads) {
                    side.core.drop_reader(side.key);
                    side.expected.clear();
                    self.sides[1 - at].batched = 0;
                }
            }
            Step::DropWriter => {
                self.hand_over(at);
                let side = &mut self.sides[at];
                side.core.drop_writer(side.key);
                side.stopped = true;
            }
            Step::Deliver(bytes) => self.deliver(at, bytes),
        }
    }

    fn send(&mut self, at: usize, size: usize) {
        let side = &mut self.sides[at];
        if side.stopped {
            return;
        }
        if !side.batch.has_room() {
            match side.core.poll_writable(side.key, false, &mut noop()) {
                Poll::Pending | Poll::Ready(Err(_)) => return,
                Poll::Ready(Ok(Writable::Deadlocked(_))) => panic!("nobody waits alone"),
                Poll::Ready(Ok(Writable::Yes | Writable::Unread)) => {}
            }
        }
        let item = (side.next, vec![0_u8; size]);
        let number = side.next;
        let added = side.batch.add(LIMITS.frame, |frame| frame.value(&item));
        added.expect("it fits");
        side.next += 1;
        let room = side.batch.has_room();
        let other = &mut self.sides[1 - at];
        if other.reads && !other.over {
            other.expected.push_back((number, size));
            self.sides[at].batched += 1;
        }
        if !room {
            self.hand_over(at);
        }
    }

    /// Hands over what was collected; if the call has ended meanwhile, that arrives nowhere.
    fn hand_over(&mut self, at: usize) {
        let side = &mut self.sides[at];
        let batched = std::mem::take(&mut side.batched);
        if side.batch.is_empty() {
            return;
        }
        match side.core.put(side.key, &mut side.batch, None) {
            Ok(dropped) => assert_eq!(dropped, 0),
            Err(_) => {
                let expected = &mut self.sides[1 - at].expected;
                expected.truncate(expected.len() - batched);
            }
        }
        assert!(
            self.sides[at].batch.is_empty(),
            "it is taken, or thrown away"
        );
    }

    fn deliver(&mut self, from: usize, bytes: usize) {
        self.sides[from].flush();
        let sent = &mut self.sides[from].sent;
        let piece = sent.split_to(bytes.min(sent.len()));
        let to = &mut self.sides[1 - from];
        to.received.extend_from_slice(&piece);
        let decoder = Decoder::new(LIMITS.frame);
        while let Some(message) = decoder.decode(&mut to.received).expect("valid frames") {
            match to.core.receive(message).expect("both keep the protocol") {
                Action::Ask(Ask::Start(_)) | Action::Wake(_) | Action::WakeAll(_) => {}
                Action::Ask(Ask::Cancel(call)) => {
                    if !std::mem::replace(&mut self.answered, true) {
                        let by = crate::base::Aid::of_this_process("caller", 1);
                        to.core.acknowledge(call, &by);
                        to.core.served(call);
                    }
                }
                Action::Ask(Ask::CancelActor(_)) => panic!("nobody says that"),
            }
        }
    }

    /// Ends the call; whatever was sent before has to arrive in order, or not at all.
    fn answer(&mut self, answer: Answer) {
        if let Answer::Returns = answer {
            self.hand_over(1);
            // As a handler does: behind what it has sent.
            for _ in 0..1000 {
                if !self.sends() {
                    break;
                }
                self.deliver(1, usize::MAX);
                self.sides[0].read();
                self.deliver(0, usize::MAX);
            }
            assert!(!self.sends(), "what was sent does not leave");
        }
        let [caller, callee] = &mut self.sides;
        if let Answer::IsDropped = answer {
            caller.core.abandon(self.call);
            return;
        }
        if std::mem::replace(&mut self.answered, true) {
            return;
        }
        match answer {
            Answer::Returns => callee.core.give_back(self.call, &mut |_| Ok(())),
            Answer::Fails | Answer::IsDropped => {
                let error = ConfigError::new("failed").into();
                callee.core.fail(self.call, &error)
            }
        }
        .expect("short");
        callee.core.served(self.call);
    }

    /// True while something that the callee has sent is not on its way.
    fn sends(&mut self) -> bool {
        let core = &mut self.sides[1].core;
        core.poll_flushed_by(self.call, &mut noop()).is_pending()
    }

    /// Delivers and reads all there is.
    fn settle(&mut self) {
        self.hand_over(0);
        self.hand_over(1);
        for _ in 0..1000 {
            let mut moved = false;
            for at in [0, 1] {
                self.sides[at].flush();
                moved |= !self.sides[at].sent.is_empty();
                self.deliver(at, usize::MAX);
                while self.sides[at].read() {
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
        panic!("they go on and on");
    }
}

proptest! {
    /// Nothing is lost, repeated or out of order, whatever happens when.
    #[test]
    fn every_item_arrives_once_and_in_order(steps in vec(any_step(), 0..200)) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        world.settle();
        for at in [0, 1] {
            let expected = &world.sides[at].expected;
            assert!(expected.is_empty(), "not arrived: {expected:?}");
            let over = world.sides[at].over || !world.sides[at].reads;
            assert!(
                over || !world.sides[1 - at].stopped,
                "it ends where it was ended"
            );
            assert!(!world.sides[at].cut, "nobody cut it off");
        }
    }

    /// However a call ends, both ends of its stream learn that, after the items that came before.
    #[test]
    fn stream_ends_with_its_call(steps in vec(any_step(), 0..60), answer in any_answer(), later in vec(any_step(), 0..20)) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        world.answer(answer);
        later.iter().for_each(|step| world.step(step));
        world.settle();
        for side in &mut world.sides {
            assert!(side.over || !side.reads, "a reader waits for ever");
            if !side.stopped {
                let writable = side.core.poll_writable(side.key, true, &mut noop());
                assert!(matches!(writable, Poll::Ready(Err(_))), "a writer waits for ever");
            }
        }
        if let Answer::Returns = answer {
            assert!(!world.sides[0].cut, "it ended on purpose");
            assert!(world.sides[0].expected.is_empty() , "what came before the result was lost");
        }
    }

    /// Any numbers and bytes about streams are taken or refused (W1).
    #[test]
    fn any_words_about_a_stream_are_taken_or_refused(
        words in vec((0_u8..7, any::<bool>(), any::<u64>(), 0_u8..4, vec(any::<u8>(), 1..2000)), 0..100),
    ) {
        let mut world = World::new();
        for (kind, callee, number, wait, bytes) in words {
            let source = if callee { End::Callee } else { End::Caller };
            let stream = StreamId { call: world.call, source };
            let kind = [
                Kind::Started, Kind::Yield, Kind::Part, Kind::Stop, Kind::Credit, Kind::Discard, Kind::Starved,
            ][usize::from(kind)];
            let mut frame = Vec::new();
            encode(&mut frame, LIMITS.frame, kind, |frame| {
                match kind {
                    Kind::Started => {
                        frame.call(world.call);
                        return frame.encoded(&bytes);
                    }
                    _ => frame.stream(stream),
                }
                match kind {
                    Kind::Yield | Kind::Part => return frame.encoded(&bytes),
                    Kind::Credit => frame.count(number),
                    Kind::Starved => {
                        frame.byte(wait);
                        frame.count(number);
                    }
                    _ => {}
                }
                Ok(())
            }).expect("short");
            let message = Decoder::new(LIMITS.frame).decode(&mut BytesMut::from(frame.as_slice()));
            let message = message.expect("well formed").expect("whole");
            if world.sides[0].core.receive(message).is_err() {
                return Ok(());
            }
        }
    }
}

/// A caller whose stream has both halves, and a callee.
fn two_that_send() -> World {
    let mut world = World::new();
    for at in [0, 1] {
        for _ in 0..LIMITS.window {
            world.send(at, 10);
        }
    }
    world
}

fn waits(world: &mut World, at: usize, alone: bool) -> Poll<Result<Writable, Error>> {
    let side = &mut world.sides[at];
    side.core.poll_writable(side.key, alone, &mut noop())
}

#[test]
fn both_ends_that_wait_alone_learn_that() {
    let mut world = two_that_send();
    assert!(waits(&mut world, 0, true).is_pending());
    assert!(waits(&mut world, 1, true).is_pending());
    for at in [0, 1, 0, 1] {
        world.deliver(at, usize::MAX);
    }
    for at in [0, 1] {
        let writable = waits(&mut world, at, true);
        assert!(
            matches!(writable, Poll::Ready(Ok(Writable::Deadlocked("f")))),
            "{writable:?}"
        );
    }
}

#[test]
fn end_that_waits_no_more_is_in_no_deadlock() {
    let mut world = two_that_send();
    assert!(waits(&mut world, 0, true).is_pending());
    world.deliver(0, usize::MAX);
    // It gives up, and the other one begins to wait before it hears of that.
    let caller = &mut world.sides[0];
    caller.core.waits_no_more(caller.key);
    assert!(waits(&mut world, 1, true).is_pending());
    for at in [1, 0, 1, 0, 1, 0] {
        world.deliver(at, usize::MAX);
    }
    assert!(waits(&mut world, 1, true).is_pending());
    while world.sides[0].read() {}
    world.deliver(0, usize::MAX);
    world.deliver(1, usize::MAX);
    assert!(matches!(
        waits(&mut world, 1, true),
        Poll::Ready(Ok(Writable::Yes))
    ));
}

#[test]
fn ends_that_may_be_read_are_only_warned_of() {
    let mut world = two_that_send();
    assert!(waits(&mut world, 0, true).is_pending());
    world.deliver(0, usize::MAX);
    assert!(waits(&mut world, 1, false).is_pending());
    let standstill = world.sides[1].core.standstill();
    assert_eq!(standstill.map(|stuck| stuck.function), Some("f"));
    for at in [1, 0, 1, 0] {
        world.deliver(at, usize::MAX);
    }
    assert!(waits(&mut world, 0, true).is_pending());
    assert!(waits(&mut world, 1, false).is_pending());
}

#[test]
fn source_without_credit_is_refused() {
    let mut world = World::new();
    let stream = StreamId {
        call: world.call,
        source: End::Callee,
    };
    let items = vec![0; CHUNK];
    let mut refused = None;
    for _ in 0..4 {
        let mut frame = Vec::new();
        encode(&mut frame, LIMITS.frame, Kind::Yield, |frame| {
            frame.stream(stream);
            frame.encoded(&items)
        })
        .expect("short");
        let message = Decoder::new(LIMITS.frame).decode(&mut BytesMut::from(frame.as_slice()));
        let message = message.expect("well formed").expect("whole");
        refused = refused.or(world.sides[0].core.receive(message).err());
    }
    assert!(
        matches!(refused, Some(Violation::BeyondCredit(_))),
        "{refused:?}"
    );
}

#[test]
fn small_items_travel_in_one_frame() {
    let mut world = World::new();
    for _ in 0..20 {
        world.send(1, 1);
    }
    world.sides[1].flush();
    let mut sent = world.sides[1].sent.clone();
    let decoder = Decoder::new(LIMITS.frame);
    let frames = std::iter::from_fn(|| decoder.decode(&mut sent).expect("valid"));
    assert_eq!(frames.count(), 1);
}

#[test]
fn newest_items_are_kept() {
    let mut world = World::new();
    let callee = &mut world.sides[1];
    let mut dropped = 0;
    for number in 0..1000_u32 {
        let item = (number, vec![0_u8; 10]);
        let batch = &mut callee.batch;
        let added = batch.add(LIMITS.frame, |frame| frame.value(&item));
        added.expect("it fits");
        let put = callee.core.put(callee.key, batch, Some(LIMITS.window));
        dropped += put.expect("it is open");
    }
    assert!(dropped > 0);
    let mut numbers = Vec::new();
    loop {
        world.deliver(1, usize::MAX);
        let caller = &mut world.sides[0];
        let mut batch = Vec::new();
        if caller
            .core
            .poll_batch(caller.key, &mut batch, &mut noop())
            .is_pending()
        {
            break;
        }
        let mut rest = batch.as_slice();
        while !rest.is_empty() {
            let ((number, _), left): ((u32, Vec<u8>), _) =
                postcard::take_from_bytes(rest).expect("whole items");
            numbers.push(number);
            rest = left;
        }
        world.deliver(0, usize::MAX);
    }
    assert_eq!(numbers.len() + dropped, 1000);
    assert_eq!(numbers.last(), Some(&999));
    assert!(numbers.is_sorted());
}

/// Invariant B1: what is sent and not read is bounded.
#[test]
fn credit_covers_what_is_under_way() {
    let mut world = World::new();
    for _ in 0..LIMITS.window {
        world.send(1, 100);
    }
    world.sides[1].flush();
    let under_way = signed(world.sides[1].sent.len());
    let most = signed(LIMITS.window) + signed(CHUNK);
    assert!(under_way < most, "{under_way} bytes");
}

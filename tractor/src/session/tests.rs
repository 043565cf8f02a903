//! Whole conversations between two state machines, without I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, Waker};

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::Index;

use super::action::{Action, Ask};
use super::core::{Core, Limits, StartError};
use super::in_flight::Begun;
use crate::base::{Aid, ConfigError, Error};
use crate::wire::{CallId, Decoder, FunctionId, Message, Terms, Violation};

const LIMITS: Limits = Limits {
    in_flight: 8,
    frame: 4096,
    window: 256,
};

fn aid(name: &str) -> Aid {
    Aid::of_this_process(name, 1)
}

/// One thing that happens to a caller and a callee.
#[derive(Debug, Clone)]
enum Step {
    Start(u8),
    Answer(Index),
    Fail(Index),
    Abandon(Index),
    Take(Index),
    /// Moves some bytes from the caller to the callee, or back.
    Deliver(bool, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<u8>().prop_map(Step::Start),
        2 => any::<Index>().prop_map(Step::Answer),
        1 => any::<Index>().prop_map(Step::Fail),
        1 => any::<Index>().prop_map(Step::Abandon),
        2 => any::<Index>().prop_map(Step::Take),
        4 => (any::<bool>(), 1_usize..200).prop_map(|(there, bytes)| Step::Deliver(there, bytes)),
    ]
}

/// A caller, a callee, and what is on the way between them.
struct World {
    caller: Core,
    callee: Core,
    there: Pipe,
    back: Pipe,
    /// Calls whose future is alive, and what they were called with.
    awaited: BTreeMap<u64, (CallId, u8)>,
    started: u64,
    /// Calls that the callee is working on.
    running: Vec<(CallId, u8)>,
    seen: BTreeSet<String>,
}

#[derive(Default)]
struct Pipe {
    sent: BytesMut,
    received: BytesMut,
}

impl Pipe {
    fn deliver(&mut self, bytes: usize) -> Vec<Message> {
        let piece = self.sent.split_to(bytes.min(self.sent.len()));
        self.received.extend_from_slice(&piece);
        let decoder = Decoder::new(LIMITS.frame);
        let next = || decoder.decode(&mut self.received).expect("valid frames");
        std::iter::from_fn(next).collect()
    }
}

impl World {
    fn new() -> Self {
        Self {
            caller: Core::new(LIMITS),
            callee: Core::new(LIMITS),
            there: Pipe::default(),
            back: Pipe::default(),
            awaited: BTreeMap::new(),
            started: 0,
            running: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Start(value) => self.start(*value),
            Step::Answer(index) => {
                if let Some((call, value)) = self.pick_running(index) {
                    self.callee
                        .give_back(call, &mut |frame| frame.value(&value))
                        .expect("it fits");
                }
            }
            Step::Fail(index) => {
                if let Some((call, value)) = self.pick_running(index) {
                    let error = ConfigError::new(value.to_string()).into();
                    self.callee.fail(call, &error).expect("it fits");
                }
            }
            Step::Abandon(index) => {
                if let Some(number) = self.pick_awaited(index) {
                    let (call, _) = self.awaited.remove(&number).expect("it was picked");
                    self.caller.abandon(call);
                }
            }
            Step::Take(index) => {
                if let Some(number) = self.pick_awaited(index) {
                    self.take(number);
                }
            }
            Step::Deliver(true, bytes) => self.deliver_there(*bytes),
            Step::Deliver(false, bytes) => self.deliver_back(*bytes),
        }
    }

    fn start(&mut self, value: u8) {
        let mut place = None;
        if self
            .caller
            .poll_call(&mut place, Waker::noop())
            .is_pending()
        {
            self.caller.leave_callers(place.expect("it waits"));
            assert_eq!(
                self.in_flight(),
                LIMITS.in_flight,
                "only the limit makes a caller wait"
            );
            return;
        }
        let call = self
            .caller
            .start(
                FunctionId(1),
                Begun::default(),
                &Terms::default(),
                &mut |frame| frame.value(&value),
            )
            .expect("there was room");
        self.awaited.insert(self.started, (call, value));
        self.started += 1;
    }

    /// Calls that the caller's table has to hold: sent and not yet answered as far as it knows.
    fn in_flight(&self) -> usize {
        self.caller.in_flight()
    }

    fn pick_running(&mut self, index: &Index) -> Option<(CallId, u8)> {
        (!self.running.is_empty()).then(|| self.running.remove(index.index(self.running.len())))
    }

    fn pick_awaited(&self, index: &Index) -> Option<u64> {
        let numbers: Vec<_> = self.awaited.keys().copied().collect();
        (!numbers.is_empty()).then(|| numbers[index.index(numbers.len())])
    }

    /// Polls a call; its answer has to be its own.
    fn take(&mut self, number: u64) -> bool {
        let (call, value) = self.awaited[&number];
        match self.caller.poll(call, Waker::noop()) {
            Poll::Pending => return false,
            Poll::Ready(Ok(bytes)) => assert_eq!(bytes, Bytes::from(vec![value])),
            Poll::Ready(Err(Error::Config(error))) => {
                let text = error.to_string();
                assert!(text == value.to_string() || text == "closed", "{text}");
            }
            Poll::Ready(Err(other)) => panic!("nobody cancelled this call: {other:?}"),
        }
        self.awaited.remove(&number);
        true
    }

    fn deliver_there(&mut self, bytes: usize) {
        self.there
            .sent
            .extend(self.caller.outbound().pieces().flatten());
        self.caller.outbound().clear(0);
        for message in self.there.deliver(bytes) {
            match self
                .callee
                .receive(message)
                .expect("the caller keeps the protocol")
            {
                Action::Ask(Ask::Start(request)) => {
                    assert!(
                        self.seen.insert(request.call.to_string()),
                        "each id is used once"
                    );
                    self.running.push((request.call, request.args[0]));
                }
                Action::Ask(Ask::Cancel(cancelled)) => {
                    let found = self.running.iter().position(|(call, _)| *call == cancelled);
                    if let Some(at) = found {
                        self.running.remove(at);
                        self.callee.acknowledge(cancelled, &aid("caller"));
                    }
                }
                other => panic!("the caller sends no {other:?}"),
            }
        }
    }

    fn deliver_back(&mut self, bytes: usize) {
        self.back
            .sent
            .extend(self.callee.outbound().pieces().flatten());
        self.callee.outbound().clear(0);
        for message in self.back.deliver(bytes) {
            self.caller
                .receive(message)
                .expect("the callee keeps the protocol");
        }
    }

    /// Lets everything that is under way arrive.
    fn settle(&mut self) {
        for _ in 0..3 {
            self.deliver_there(usize::MAX);
            while let Some((call, value)) = self.running.pop() {
                self.callee
                    .give_back(call, &mut |frame| frame.value(&value))
                    .expect("it fits");
            }
            self.deliver_back(usize::MAX);
        }
    }
}

proptest! {
    /// C1, C2, B1 over any interleaving of starts, answers, drops and partial deliveries.
    #[test]
    fn every_call_gets_its_own_answer_once(steps in vec(any_step(), 1..300)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
            assert!(world.in_flight() <= LIMITS.in_flight);
        }
        world.settle();
        for number in world.awaited.keys().copied().collect::<Vec<_>>() {
            assert!(world.take(number), "call {number} never resolved");
        }
        assert_eq!(world.in_flight(), 0, "an abandoned call was never acknowledged");
    }

    /// C1: a session that ends at any moment resolves everything.
    #[test]
    fn closing_resolves_every_call(steps in vec(any_step(), 1..100)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.caller.close(&ConfigError::new("closed").into());
        for number in world.awaited.keys().copied().collect::<Vec<_>>() {
            assert!(world.take(number), "call {number} never resolved");
        }
        assert_eq!(world.in_flight(), 0);
        let refused = world.caller.start(FunctionId(1), Begun::default(), &Terms::default(), &mut |_| Ok(()));
        assert!(matches!(refused, Err(StartError::Closed)));
    }

    /// W1: whatever a peer answers, to whichever call, is handled or refused.
    #[test]
    fn hostile_answers_are_refused(calls in vec((any::<u32>(), any::<u32>()), 1..50), real in 0_usize..8) {
        let mut core = Core::new(LIMITS);
        for _ in 0..real {
            core.start(FunctionId(1), Begun::default(), &Terms::default(), &mut |_| Ok(())).expect("there is room");
        }
        let mut answered = 0;
        for (slot, generation) in calls {
            let call = CallId::new(slot % 10, generation % 3);
            let message = Message::Return { call, value: Bytes::new() };
            match core.receive(message) {
                Ok(_) => answered += 1,
                Err(violation) => assert_eq!(violation, Violation::NotInFlight(call)),
            }
        }
        assert_eq!(core.in_flight(), real - answered);
    }
}

#[test]
fn second_answer_is_refused() {
    let mut core = Core::new(LIMITS);
    let call = core
        .start(
            FunctionId(1),
            Begun::default(),
            &Terms::default(),
            &mut |_| Ok(()),
        )
        .expect("there is room");
    let answer = || Message::Return {
        call,
        value: Bytes::new(),
    };
    core.receive(answer()).expect("the first answer");
    let refused = core.receive(answer()).expect_err("the second answer");
    assert_eq!(refused, Violation::NotInFlight(call));
    assert!(
        core.poll(call, Waker::noop()).is_ready(),
        "the first answer is still there"
    );
}

#[test]
fn caller_beyond_the_limit_waits_in_line() {
    let mut core = Core::new(LIMITS);
    let calls: Vec<_> = (0..LIMITS.in_flight)
        .map(|_| {
            core.start(
                FunctionId(1),
                Begun::default(),
                &Terms::default(),
                &mut |_| Ok(()),
            )
            .expect("there is room")
        })
        .collect();
    let (mut first, mut second) = (None, None);
    assert!(core.poll_call(&mut first, Waker::noop()).is_pending());
    assert!(core.poll_call(&mut second, Waker::noop()).is_pending());
    let answer = Message::Return {
        call: calls[0],
        value: Bytes::new(),
    };
    core.receive(answer).expect("in flight");
    assert!(
        core.poll_call(&mut second, Waker::noop()).is_pending(),
        "not its turn"
    );
    assert!(core.poll_call(&mut first, Waker::noop()).is_ready());
}

#[test]
fn failed_encoding_costs_no_slot() {
    let mut core = Core::new(LIMITS);
    for _ in 0..3 * LIMITS.in_flight {
        let large = vec![0_u8; LIMITS.frame + 1];
        let refused = core.start(
            FunctionId(1),
            Begun::default(),
            &Terms::default(),
            &mut |frame| frame.value(&large),
        );
        assert!(matches!(refused, Err(StartError::Encode(_))));
    }
    assert_eq!(core.in_flight(), 0);
    assert!(core.outbound().is_empty());
}

#[test]
fn first_reason_of_a_closed_session_stays() {
    let mut core = Core::new(LIMITS);
    core.close(&ConfigError::new("first").into());
    core.close(&ConfigError::new("second").into());
    let refused = core.start(
        FunctionId(1),
        Begun::default(),
        &Terms::default(),
        &mut |_| Ok(()),
    );
    assert!(matches!(refused, Err(StartError::Closed)));
    let reason = core.closed().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("first"));
}

/// What a peer that is being replaced was asked for is told how it ended, not that it was asked to.
#[test]
fn calls_on_a_retired_peer_wait_for_its_end() {
    let mut core = Core::new(LIMITS);
    let call = core
        .start(
            FunctionId(1),
            Begun::default(),
            &Terms::default(),
            &mut |_| Ok(()),
        )
        .expect("open");
    core.retire();
    assert!(!core.is_open());
    let refused = core.start(
        FunctionId(1),
        Begun::default(),
        &Terms::default(),
        &mut |_| Ok(()),
    );
    assert!(matches!(refused, Err(StartError::Closed)));
    let by = Aid::of_this_process("root", 1);
    core.receive(Message::CancelAck { call, by })
        .expect("expected");
    assert!(core.poll(call, Waker::noop()).is_pending());
    core.close(&ConfigError::new("gone").into());
    let Poll::Ready(Err(error)) = core.poll(call, Waker::noop()) else {
        panic!("it is closed");
    };
    assert_eq!(error.to_string(), "gone");
}

/// B1: refusals wait for no room, so that a peer which only ever asks has to be stopped.
#[test]
fn peer_that_asks_and_never_reads_is_refused() {
    let mut core = Core::new(LIMITS);
    let call = CallId::new(0, 0);
    let error = ConfigError::new("x".repeat(1000)).into();
    let refused = (0..10_000).find_map(|_| {
        core.fail(call, &error).expect("it fits");
        core.receive(Message::Cancel { call }).err()
    });
    let Some(Violation::NotReading(most)) = refused else {
        panic!("it was never refused: {refused:?}");
    };
    assert!(core.outbound().len() < most + 2000, "refused at once");
}

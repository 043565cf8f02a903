//! Calls to which anything happens, in any order.

use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, Waker};

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::Index;

use super::{LIMITS, start};
use crate::base::{Aid, ConfigError, Error};
use crate::session::action::{Action, Ask};
use crate::session::core::{Core, StartError};
use crate::session::in_flight::Begun;
use crate::wire::{CallId, Decoder, FunctionId, Message, Terms};

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
        let refused = start(&mut world.caller);
        assert!(matches!(refused, Err(StartError::Closed)));
    }
}

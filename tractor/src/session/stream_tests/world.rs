//! Everything that can happen to a call with a stream.

use std::task::Poll;

use proptest::prelude::{Strategy, any, prop_oneof};

use super::side::Side;
use super::{LIMITS, noop};
use crate::base::ConfigError;
use crate::session::action::{Action, Ask};
use crate::session::core::{Core, Writable};
use crate::session::tests::start;
use crate::wire::{CallId, Decoder, End};

/// One thing that happens at one of the two ends.
#[derive(Debug, Clone)]
pub(super) enum Step {
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

pub(super) fn any_step() -> impl Strategy<Value = (bool, Step)> {
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
pub(super) enum Answer {
    Returns,
    Fails,
    IsDropped,
}

pub(super) fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<()>().prop_map(|()| Answer::Returns),
        any::<()>().prop_map(|()| Answer::Fails),
        any::<()>().prop_map(|()| Answer::IsDropped),
    ]
}

pub(super) struct World {
    pub(super) call: CallId,
    /// The caller and the callee.
    pub(super) sides: [Side; 2],
    answered: bool,
}

impl World {
    pub(super) fn new() -> Self {
        let mut caller = Core::new(LIMITS);
        let call = start(&mut caller).expect("there is room");
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

    pub(super) fn step(&mut self, (at, step): &(bool, Step)) {
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

    pub(super) fn send(&mut self, at: usize, size: usize) {
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

    pub(super) fn deliver(&mut self, from: usize, bytes: usize) {
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
    pub(super) fn answer(&mut self, answer: Answer) {
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
    pub(super) fn settle(&mut self) {
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

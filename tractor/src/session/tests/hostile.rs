//! A peer that keeps to no rules of calls (W1).

use std::task::Waker;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::{any, proptest};

use super::{LIMITS, start};
use crate::base::ConfigError;
use crate::session::core::Core;
use crate::wire::{CallId, Message, Violation};

proptest! {
    /// W1: whatever a peer answers, to whichever call, is handled or refused.
    #[test]
    fn hostile_answers_are_refused(calls in vec((any::<u32>(), any::<u32>()), 1..50), real in 0_usize..8) {
        let mut core = Core::new(LIMITS);
        for _ in 0..real {
            start(&mut core).expect("there is room");
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
    let call = start(&mut core).expect("there is room");
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

//! Calls whose peer is played by the test.

use std::task::{Poll, Waker};

use bytes::Bytes;

use super::{LIMITS, start};
use crate::base::{Aid, ConfigError};
use crate::session::core::{Core, StartError};
use crate::session::in_flight::Begun;
use crate::wire::{FunctionId, Message, Terms};

#[test]
fn caller_beyond_the_limit_waits_in_line() {
    let mut core = Core::new(LIMITS);
    let calls: Vec<_> = (0..LIMITS.in_flight)
        .map(|_| start(&mut core).expect("there is room"))
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
    let refused = start(&mut core);
    assert!(matches!(refused, Err(StartError::Closed)));
    let reason = core.closed().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("first"));
}

/// What a peer that is being replaced was asked for is told how it ended, not that it was asked to.
#[test]
fn calls_on_a_retired_peer_wait_for_its_end() {
    let mut core = Core::new(LIMITS);
    let call = start(&mut core).expect("open");
    core.retire();
    assert!(!core.is_open());
    let refused = start(&mut core);
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

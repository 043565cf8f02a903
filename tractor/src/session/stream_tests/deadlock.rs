//! Two ends that wait for each other.

use std::task::Poll;

use super::world::World;
use super::{LIMITS, noop};
use crate::base::Error;
use crate::session::core::Writable;

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

//! Streams to which anything happens, in any order.

use std::task::Poll;

use proptest::collection::vec;
use proptest::prelude::proptest;

use super::noop;
use super::world::{Answer, World, any_answer, any_step};

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
}

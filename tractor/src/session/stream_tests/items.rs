//! Items under way: few frames, within bounds.

use super::world::World;
use super::{LIMITS, noop};
use crate::session::inbound::signed;
use crate::session::outbound::CHUNK;
use crate::wire::Decoder;

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

//! A peer that keeps to no rules of streams (W1).

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::{any, proptest};

use super::LIMITS;
use super::world::World;
use crate::session::outbound::CHUNK;
use crate::wire::{Decoder, End, Kind, StreamId, Violation, encode};

proptest! {
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

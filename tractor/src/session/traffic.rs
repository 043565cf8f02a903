//! What is under way on a link, to be shown to people.

use super::core::Core;
use super::streams::Stream;
use crate::base::{Aid, CallSnapshot, StreamSnapshot};

/// What is under way on a link, as one end has it.
#[derive(Debug)]
pub(crate) struct Traffic {
    /// The calls that this end waits for.
    pub(crate) calls: Vec<CallSnapshot>,
    /// The streams that have an end here.
    pub(crate) streams: Vec<StreamSnapshot>,
}

impl Traffic {
    pub(super) fn of(core: &Core, peer: &Aid) -> Self {
        let calls = core.calls().map(|(begun, given_up)| CallSnapshot {
            function: begun.function.to_owned(),
            peer: peer.clone(),
            age: begun.at.elapsed(),
            cancelled: given_up,
        });
        let streams = core.streams().map(|stream| show(stream, peer));
        Self {
            calls: calls.collect(),
            streams: streams.collect(),
        }
    }
}

fn show(stream: &Stream, peer: &Aid) -> StreamSnapshot {
    let credit = stream.outbound.credit.max(0);
    StreamSnapshot {
        function: stream.function.to_owned(),
        peer: peer.clone(),
        reading: stream.inbound.is_awaited(),
        unread: stream.inbound.unread(),
        unsent: stream.outbound.unsent(),
        credit: usize::try_from(credit).unwrap_or(usize::MAX),
    }
}

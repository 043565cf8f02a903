//! What two actors say to each other.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::base::{Aid, Error};

/// Identifies one call on one link: a slot of the caller's table and the slot's generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CallId {
    slot: u32,
    generation: u32,
}

impl CallId {
    pub(crate) fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation }
    }

    pub(crate) fn slot(self) -> u32 {
        self.slot
    }

    pub(crate) fn generation(self) -> u32 {
        self.generation
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot, self.generation)
    }
}

/// Identifies a function: the hash of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FunctionId(pub(crate) u64);

/// One message, decoded; bodies that only the layers above can read stay bytes.
#[derive(Debug)]
pub(crate) enum Message {
    /// Run a function; answered by exactly one `Return`, `Error` or `CancelAck`.
    Start {
        call: CallId,
        function: FunctionId,
        /// What is left of the caller's deadline.
        remaining: Option<Duration>,
        args: Bytes,
    },
    /// The function returned this.
    Return { call: CallId, value: Bytes },
    /// The call failed.
    Error { call: CallId, error: Error },
    /// The caller no longer wants the answer.
    Cancel { call: CallId },
    /// The call's task is gone without an answer, because this actor asked for it.
    CancelAck { call: CallId, by: Aid },
    /// End yourself: cancel what runs, then exit.
    CancelActor { by: Aid },
    /// The request was read, and is being followed.
    CancelActorAck,
}

/// The first byte of a frame's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Spec = 1,
    Hello = 2,
    Start = 16,
    Return = 17,
    Error = 18,
    Cancel = 19,
    CancelAck = 20,
    CancelActor = 32,
    CancelActorAck = 33,
}

impl Kind {
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        const KINDS: [Kind; 9] = [
            Kind::Spec,
            Kind::Hello,
            Kind::Start,
            Kind::Return,
            Kind::Error,
            Kind::Cancel,
            Kind::CancelAck,
            Kind::CancelActor,
            Kind::CancelActorAck,
        ];
        KINDS.into_iter().find(|kind| *kind as u8 == byte)
    }
}

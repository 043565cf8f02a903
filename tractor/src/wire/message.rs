//! What two actors say to each other.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::base::{Aid, Error, TraceContext};

/// Identifies one call on one link: a slot of the caller's table and the slot's generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CallId {
    slot: u32,
    generation: u32,
}

impl CallId {
    #[inline]
    pub(crate) fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation }
    }

    #[inline]
    pub(crate) fn slot(self) -> u32 {
        self.slot
    }

    #[inline]
    pub(crate) fn generation(self) -> u32 {
        self.generation
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot, self.generation)
    }
}

/// One of the two ends of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum End {
    /// The actor that has called.
    Caller = 0,
    /// The actor that was called.
    Callee = 1,
}

impl End {
    /// The end at the other side.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Caller => Self::Callee,
            Self::Callee => Self::Caller,
        }
    }
}

/// Identifies one direction of the stream that belongs to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StreamId {
    pub(crate) call: CallId,
    /// Where the items come from.
    pub(crate) source: End,
}

/// What an end of a stream waits for that has items and no credit for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Wait {
    /// Nothing: it does not wait.
    No = 0,
    /// For credit, while somebody else at its end may read.
    Shared = 1,
    /// For credit, and nobody at its end can read meanwhile.
    Alone = 2,
    /// For credit that never comes: the other end waits alone as well.
    Deadlocked = 3,
}

/// Identifies a function: the hash of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FunctionId(pub(crate) u64);

/// What holds for a call, and for those that its handler makes in turn.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms<'a> {
    /// What is left of the caller's deadline.
    pub(crate) remaining: Option<Duration>,
    /// Where the caller stands in a trace.
    pub(crate) trace: Option<&'a TraceContext>,
}

impl Terms<'_> {
    /// The kind of the message that starts such a call.
    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        match self.trace {
            None => Kind::Start,
            Some(_) => Kind::StartTraced,
        }
    }
}

/// One message, decoded; bodies that only the layers above can read stay bytes.
#[derive(Debug)]
pub(crate) enum Message {
    /// Run a function; answered by exactly one `Return`, `Error` or `CancelAck`.
    Start {
        call: CallId,
        function: FunctionId,
        /// What is left of the caller's deadline.
        remaining: Option<Duration>,
        /// Where the caller stands in a trace; on the heap, as most stand in none.
        trace: Option<Box<TraceContext>>,
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
    /// The callee of a context has begun, with this.
    Started { call: CallId, value: Bytes },
    /// Whole items, one after the other; of the first, parts may have come before.
    Yield { stream: StreamId, items: Bytes },
    /// A part of an item, the rest of which follows.
    Part { stream: StreamId, bytes: Bytes },
    /// No more items follow.
    Stop { stream: StreamId },
    /// The source may send so many bytes more.
    Credit { stream: StreamId, bytes: u64 },
    /// Nobody reads the items any more; the source sends none.
    Discard { stream: StreamId },
    /// What the source waits for, and the bytes of items and credit that it has received so far.
    Starved {
        stream: StreamId,
        wait: Wait,
        heard: u64,
    },
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
    /// A `Start` within a trace.
    StartTraced = 21,
    Started = 24,
    Yield = 25,
    Part = 26,
    Stop = 27,
    Credit = 28,
    Discard = 29,
    Starved = 30,
    CancelActor = 32,
    CancelActorAck = 33,
}

impl Kind {
    #[inline]
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        const KINDS: [Kind; 17] = [
            Kind::Spec,
            Kind::Hello,
            Kind::Start,
            Kind::Return,
            Kind::Error,
            Kind::Cancel,
            Kind::CancelAck,
            Kind::StartTraced,
            Kind::Started,
            Kind::Yield,
            Kind::Part,
            Kind::Stop,
            Kind::Credit,
            Kind::Discard,
            Kind::Starved,
            Kind::CancelActor,
            Kind::CancelActorAck,
        ];
        KINDS.into_iter().find(|kind| *kind as u8 == byte)
    }
}

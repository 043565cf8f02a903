//! What a peer did that no peer may do.

use super::{CallId, Kind};

/// A breach of the protocol; it ends the link it came on (W1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    #[error("the peer sent a frame of {len} bytes, more than `max_frame` ({limit})")]
    FrameTooLarge { len: usize, limit: usize },
    #[error("the peer sent an empty frame")]
    EmptyFrame,
    #[error("the peer sent a frame of unknown kind {0}")]
    UnknownKind(u8),
    #[error("the peer sent a {0:?} frame that is too short")]
    Truncated(Kind),
    #[error("the peer sent a {kind:?} frame that does not decode: {reason}")]
    Malformed { kind: Kind, reason: String },
    #[error("the peer sent a {0:?} frame out of turn")]
    OutOfTurn(Kind),
    #[error("the peer answered call {0}, which is not in flight")]
    NotInFlight(CallId),
    #[error("the peer started call {0} twice")]
    StartedTwice(CallId),
    #[error("the peer asks on and on, and has not read {0} bytes of answers")]
    NotReading(usize),
    #[error("the peer sent {0} bytes of items for which it had no credit")]
    BeyondCredit(u64),
    #[error("the peer sent an item of more than `max_frame` ({0} bytes)")]
    ItemTooLarge(usize),
    #[error("the peer gave more credit than there is")]
    TooMuchCredit,
    #[error("the peer has more than `max_in_flight` ({0}) calls in flight")]
    TooManyInFlight(usize),
}

//! What a received message leads to.

use std::task::Waker;
use std::time::Duration;

use bytes::Bytes;

use crate::base::{Aid, TraceContext};
use crate::wire::{CallId, FunctionId};

/// One call of the peer, not decoded yet.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) call: CallId,
    pub(crate) function: FunctionId,
    /// What was left of the caller's deadline when it sent the call.
    pub(crate) remaining: Option<Duration>,
    /// Where the caller stands in a trace.
    pub(crate) trace: Option<Box<TraceContext>>,
    pub(crate) args: Bytes,
}

/// What a received message leads to.
#[derive(Debug)]
pub(crate) enum Action {
    /// Nothing, or no more than to wake a task.
    Wake(Option<Waker>),
    /// To wake everybody who has to do with a call.
    WakeAll([Option<Waker>; 4]),
    /// To ask something of the layers above.
    Ask(Ask),
}

/// What a received message asks of the layers above.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Run a function.
    Start(Request),
    /// Cancel what a `Start` began.
    Cancel(CallId),
    /// Cancel this whole actor.
    CancelActor(Aid),
}

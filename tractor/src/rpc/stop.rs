//! Where an actor stops, in debug mode.
//!
//! What happens then is not known here: [`Debugger`] is what a layer above does about it.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::Reply;
use super::capture::{ErrorRoot, Probe, SerializablePayload, capture};
use super::current::CurrentCall;
use super::function::BoxFuture;
use super::handler::{BoxHandler, Handler};
use super::panic::install_hook;
use super::registry::Entry;
use crate::base::{PanicReport, Raised, Result};
use crate::{Error, RemoteError};

/// Why an actor stops.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Why<'s> {
    /// Its code panics, and has not unwound yet.
    Panic(&'s PanicReport),
    /// An error leaves it.
    Error(&'s Error),
    /// It asked for that.
    Pause(&'static Location<'static>),
}

/// An actor that stops, on the thread that has stopped.
#[derive(Debug)]
pub(crate) struct Stop<'s> {
    pub(crate) why: Why<'s>,
    /// The call that it answers.
    pub(crate) call: Option<&'s Stopped>,
}

/// A call whose code has stopped.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) call: CurrentCall,
    kept: Arc<Kept>,
}

/// What is kept of a call in debug mode, for those who ask for it, and to make it once more.
#[derive(Debug)]
pub(super) struct Kept {
    entry: &'static Entry,
    args: Bytes,
    /// Whether it is to be made once more.
    again: AtomicBool,
}

/// What becomes of the code that has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on.
    Continue,
    /// The same call is made once more, and its end is the answer.
    Again,
}

/// What is done about an actor that stops.
pub(crate) trait Debugger: Send + Sync + 'static {
    /// Returns when the code is to go on.
    fn stop(&self, stop: &Stop<'_>) -> Verdict;

    /// Makes the call of this function with these arguments in a new actor.
    fn call_again(&self, entry: &'static Entry, args: Bytes) -> BoxFuture<Result<Bytes>>;
}

static DEBUGGER: OnceLock<&'static dyn Debugger> = OnceLock::new();

/// From now on, this process stops where its code crashes.
pub(crate) fn set_debugger(debugger: impl Debugger) {
    let _ = DEBUGGER.set(Box::leak(Box::new(debugger)));
    install_hook();
}

/// The debugger; `None` without debug mode.
pub(super) fn debugger() -> Option<&'static dyn Debugger> {
    DEBUGGER.get().copied()
}

/// Stops here, in debug mode.
pub(crate) fn stop(why: Why<'_>) {
    let Some(debugger) = debugger() else {
        return;
    };
    let stopped = CurrentCall::kept();
    let call = stopped.as_ref();
    if debugger.stop(&Stop { why, call }) == Verdict::Again
        && let Some(Stopped { kept, .. }) = call
    {
        kept.again.store(true, Ordering::Relaxed);
    }
}

/// Stops where an error leaves a function. True when it does not, because the call is made once more.
pub(super) fn stop_for(error: &Error) -> bool {
    if debugger().is_none() {
        return false;
    }
    stop(Why::Error(error));
    CurrentCall::kept().is_some_and(|stopped| stopped.kept.again.load(Ordering::Relaxed))
}

impl Stopped {
    pub(super) fn new(call: CurrentCall, kept: Arc<Kept>) -> Self {
        Self { call, kept }
    }

    /// The arguments, one a line, as far as they can be shown.
    pub(crate) fn args(&self) -> Option<String> {
        self.kept.entry.show(&self.kept.args)
    }

    /// The file and the line where the function is written.
    pub(crate) fn place(&self) -> Option<(&'static str, u32)> {
        self.kept.entry.place()
    }

    /// True of a call that can be made once more: one without a stream.
    #[cfg(feature = "debug")]
    pub(crate) fn can_be_made_again(&self) -> bool {
        !self.kept.entry.has_stream()
    }
}

impl Kept {
    pub(super) fn new(entry: &'static Entry, args: Bytes) -> Arc<Self> {
        Arc::new(Self {
            entry,
            args,
            again: AtomicBool::new(false),
        })
    }

    /// The handler that makes the call once more, once it is to be.
    pub(super) fn take_again(&self) -> Option<BoxHandler> {
        let debugger = debugger().filter(|_| self.again.swap(false, Ordering::Relaxed))?;
        let answer = debugger.call_again(self.entry, self.args.clone());
        Some(Box::pin(Again::Calls(answer)))
    }
}

/// The answer to a call that is made once more.
enum Again {
    Calls(BoxFuture<Result<Bytes>>),
    Answers(Bytes),
    Fails(Option<Raised>),
}

impl Handler for Again {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, reply: &mut Reply) -> Poll<()> {
        loop {
            match &mut *self {
                Self::Calls(call) => {
                    *self = match ready!(call.as_mut().poll(cx)) {
                        Ok(value) => Self::Answers(value),
                        Err(error) => Self::Fails(Some(raised(&error))),
                    }
                }
                Self::Answers(value) => return reply.poll_encoded(value, cx),
                Self::Fails(raised) => return reply.poll_fail(raised, cx),
            }
        }
    }
}

/// What is raised by somebody who passes `error` on.
fn raised(error: &Error) -> Raised {
    let probe = Probe(error);
    capture(error, probe.payload(), (&&probe).root())
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Again(..)")
    }
}

/// The error that a panic is to the caller.
pub(crate) fn as_error(panic: &PanicReport, call: &CurrentCall) -> Error {
    RemoteError::panicked(panic.clone(), call.me(), call.function()).into()
}

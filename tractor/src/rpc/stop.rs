//! Where an actor stops, in debug mode.
//!
//! What happens then is not known here: [`Debugger`] is what a layer above does about it.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
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
use crate::base::{PanicReport, Raised, Result, is_own_thread, try_current_actor};
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
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    pub(crate) call: CurrentCall,
    kept: Arc<Kept>,
}

/// What is kept of a call in debug mode, for those who ask for it, and to make it once more.
#[derive(Debug)]
pub(super) struct Kept {
    debugger: &'static dyn Debugger,
    entry: &'static Entry,
    args: Bytes,
}

/// What becomes of the code that has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on.
    Continue,
    /// It goes on, and when it has ended the same call is made once more, and its end is the answer.
    Again,
}

/// What is done about an actor that stops.
pub(crate) trait Debugger: fmt::Debug + Send + Sync + 'static {
    /// Returns when the code is to go on.
    fn stop(&self, stop: &Stop<'_>) -> Verdict;

    /// Makes the call of this function with these arguments in a new actor. Gives the answer, or why the
    /// call could not be made.
    fn call_again(&self, entry: &'static Entry, args: Bytes) -> BoxFuture<Result<Result<Bytes>>>;
}

static DEBUGGER: OnceLock<&'static dyn Debugger> = OnceLock::new();

/// From now on, actors of this process that are in debug mode stop where their code crashes.
pub(crate) fn set_debugger(debugger: &'static dyn Debugger) {
    let _ = DEBUGGER.set(debugger);
    install_hook();
}

/// The debugger; `None` where the running code is that of no actor in debug mode.
pub(super) fn debugger() -> Option<&'static dyn Debugger> {
    let debugger = *DEBUGGER.get()?;
    let actor = try_current_actor().filter(|_| !is_own_thread())?;
    actor.config().is_debugged().then_some(debugger)
}

/// Stops here, in debug mode. Gives the call that is to be made once more, if that is the verdict.
pub(crate) fn stop(why: Why<'_>) -> Option<Stopped> {
    let debugger = debugger()?;
    let stopped = CurrentCall::kept();
    let call = stopped.as_ref();
    let again = debugger.stop(&Stop { why, call }) == Verdict::Again;
    stopped.filter(|_| again)
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

    /// The handler that makes the call once more, in place of the one that has ended with `failure`.
    pub(super) fn call_again(&self, failure: Error) -> BoxHandler {
        self.call.begin_again();
        let Kept {
            debugger,
            entry,
            args,
        } = &*self.kept;
        Box::pin(Again::Calls {
            answer: debugger.call_again(entry, args.clone()),
            failure: Some(failure),
        })
    }
}

impl Kept {
    pub(super) fn new(
        debugger: &'static dyn Debugger,
        entry: &'static Entry,
        args: Bytes,
    ) -> Arc<Self> {
        Arc::new(Self {
            debugger,
            entry,
            args,
        })
    }
}

/// The answer to a call that is made once more.
enum Again {
    Calls {
        answer: BoxFuture<Result<Result<Bytes>>>,
        /// What the caller gets if the call cannot be made.
        failure: Option<Error>,
    },
    Answers(Bytes),
    Fails(Option<Error>),
}

impl Handler for Again {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, reply: &mut Reply) -> Poll<()> {
        loop {
            match &mut *self {
                Self::Calls { answer, failure } => {
                    *self = match ready!(answer.as_mut().poll(cx)) {
                        Ok(Ok(value)) => Self::Answers(value),
                        Ok(Err(error)) => Self::Fails(Some(reply.leaving(raised(&error)))),
                        Err(error) => {
                            tracing::warn!(%error, "the call cannot be made once more");
                            Self::Fails(failure.take())
                        }
                    }
                }
                Self::Answers(value) => return reply.poll_encoded(value, cx),
                Self::Fails(failure) => return reply.poll_fail(failure, cx),
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

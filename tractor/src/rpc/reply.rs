//! The answer that a call is owed.

use std::any::type_name;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use super::Rpc;
use super::handler::BoxHandler;
use super::panic::Caught;
use super::running::ListedHandler;
use super::stop::{Stopped, Why, stop};
use super::trace::HandlerSpan;
use super::wire::Value;
use crate::base::{Aid, CodecError, CodecSide, Raised};
use crate::session::{HeldEnds, Holds, Line, Link, Ticket};
use crate::wire::{CallId, Content, EncodeError, Encoder};
use crate::{Error, RemoteError};

/// The answer that a call is owed: exactly one, whatever becomes of its handler.
///
/// Dropped without an answer, it acknowledges the cancellation that dropped it (C2).
pub struct Reply {
    link: Link,
    call: CallId,
    function: &'static str,
    ticket: Ticket,
    answered: bool,
    /// Makes the call once more, whose end is then the answer.
    again: Option<BoxHandler>,
    canceller: Canceller,
    listed: Option<ListedHandler>,
    /// That of the handler, if it has one: as long as the answer is owed, on the heap, as this is moved.
    pub(super) span: Option<Box<HandlerSpan>>,
    /// Of the handler's stream: dropped last, when the answer has told why the stream ends.
    ends: HeldEnds,
}

/// Who cancelled all calls of an actor at once; a single call is cancelled by its caller.
pub(super) type Canceller = Arc<OnceLock<Aid>>;

impl Reply {
    pub(super) fn new(
        link: Link,
        call: CallId,
        function: &'static str,
        canceller: Canceller,
    ) -> Self {
        Self {
            link,
            call,
            function,
            ticket: Ticket::default(),
            answered: false,
            again: None,
            canceller,
            listed: None,
            span: None,
            ends: HeldEnds::default(),
        }
    }

    /// Ties the handler's place on the list of those at work to this answer: once the caller has
    /// it, the handler counts no more.
    pub(super) fn hold(&mut self, listed: ListedHandler) {
        self.listed = Some(listed);
    }

    /// As long as the guard is there, code of the handler runs, which may drop its end of a stream.
    pub(super) fn hold_ends(&mut self) -> Holds<'_> {
        self.ends.hold()
    }

    /// The handler goes on without what it has dropped.
    pub(super) fn tell_ends(&mut self) {
        self.ends.tell();
    }

    /// Answers with what the function returned, as soon as the link takes an answer: a slow reader
    /// slows its callees down (B1).
    ///
    /// A result comes behind the items that were sent before; a failure does not wait until somebody
    /// reads those.
    pub(super) fn poll_send<F: Rpc>(
        &mut self,
        settled: &mut Option<Result<F::Output, Raised>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        match settled {
            Some(Ok(value)) => {
                let write = &mut |frame: &mut Encoder<'_>| frame.value(&Value(&*value));
                ready!(self.poll_value(type_name::<F::Output>, write, cx));
                *settled = None;
            }
            _ => {
                ready!(self.link.poll_answer(&mut self.ticket, cx));
                if let Some(Err(raised)) = settled.take() {
                    let error = self.leaving(raised);
                    let again = stop(Why::Error(&error));
                    self.fail_unless(again, error);
                }
            }
        }
        Poll::Ready(())
    }

    /// Answers with what another actor has answered.
    pub(super) fn poll_encoded(&mut self, value: &[u8], cx: &mut Context<'_>) -> Poll<()> {
        let write = &mut |frame: &mut Encoder<'_>| frame.encoded(value);
        self.poll_value(|| "the same", write, cx)
    }

    /// Answers with a failure.
    pub(super) fn poll_fail(
        &mut self,
        failure: &mut Option<Error>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        ready!(self.link.poll_answer(&mut self.ticket, cx));
        if let Some(failure) = failure.take() {
            self.fail(failure);
        }
        Poll::Ready(())
    }

    /// Answers with what `write` writes, a value of the type with this name.
    fn poll_value(
        &mut self,
        type_name: fn() -> &'static str,
        write: &mut Content<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if self.answered {
            return Poll::Ready(());
        }
        let (call, listed) = (self.call, &mut self.listed);
        let write = &mut |frame: &mut Encoder<'_>| {
            // What is written may panic: then the call is answered otherwise, or made once more.
            write(frame)?;
            *listed = None;
            Ok(())
        };
        let sent = self.link.poll_give_back(&mut self.ticket, cx, call, write);
        match ready!(sent) {
            Ok(()) => self.answered = true,
            Err(error) => {
                let side = CodecSide::EncodeResult;
                self.fail(CodecError::of(type_name(), self.function, side, error).into());
            }
        }
        Poll::Ready(())
    }

    /// The error that the function returned, as the caller gets it.
    pub(super) fn leaving(&self, raised: Raised) -> Error {
        raised.leaves(self.link.me(), self.function)
    }

    /// Answers that the function panicked.
    pub(super) fn panicked(&mut self, caught: Caught) {
        let Caught { report, again } = caught;
        tracing::debug!(
            function = self.function,
            message = report.message,
            "a handler panicked"
        );
        let error = RemoteError::panicked(report, self.link.me(), self.function);
        self.fail_unless(again, error.into());
    }

    /// Answers that the call failed, unless it is to be made once more.
    fn fail_unless(&mut self, again: Option<Stopped>, error: Error) {
        match again.filter(|_| !self.answered) {
            Some(again) => self.again = Some(again.call_again(error)),
            None => self.fail(error),
        }
    }

    /// What makes the call once more, if that is to be done instead of an answer.
    pub(super) fn take_again(&mut self) -> Option<BoxHandler> {
        self.again.take()
    }

    /// Answers that the call failed.
    ///
    /// A result whose `Drop` panics was sent before: the first answer is the one that counts.
    pub(super) fn fail(&mut self, error: Error) {
        if self.answered {
            return;
        }
        self.listed = None;
        if let Some(span) = &self.span {
            span.failed(&error);
        }
        if let Err(too_large) = self.link.fail(self.call, &error) {
            self.fail_short(&error, &too_large);
        }
        self.answered = true;
    }

    /// An error that is too large to travel still says what it was (E1).
    fn fail_short(&self, error: &Error, too_large: &EncodeError) {
        const KEPT: usize = 1024;
        let text: String = error.to_string().chars().take(KEPT).collect();
        let reason = format!("{too_large}; the error was: {text}");
        let error = CodecError::new::<Error>(self.function, CodecSide::EncodeResult, reason);
        self.link
            .fail(self.call, &error.into())
            .expect("a kilobyte is far below any frame limit");
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.link.give_up(Line::Answers, &mut self.ticket);
        if !self.answered {
            let by = self.canceller.get().unwrap_or(self.link.peer());
            tracing::debug!(function = self.function, %by, "a handler was cancelled");
            self.listed = None;
            if let Some(span) = &self.span {
                span.cancelled(by);
            }
            self.link.acknowledge(self.call, by);
        }
    }
}

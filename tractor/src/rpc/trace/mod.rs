//! The spans in which handlers run, and where a call stands in a trace.
//!
//! A call tells where its caller stands, if that is in a trace. Its handler stands below, and so do the calls
//! that the handler makes in turn, whichever process they lead to.
//!
//! ```text
//!   root                root.a                     root.b
//!   run(f) ── Start ──▶ call{f} ── StartTraced ──▶ call{g}
//!   in no trace         begins one                 stands below call{f}
//! ```
//!
//! An actor in which nobody wants spans makes none, and hands on what it was told: it does not cut a trace in
//! two. Where there is no trace, and nobody wants one, nothing is made, and nothing travels.

mod in_span;
#[cfg(feature = "opentelemetry")]
mod propagation;

use tracing::Span;
use tracing::field::{Empty, display};
use tracing::level_filters::LevelFilter;

use self::in_span::InSpan;
use super::current::current_trace;
use super::handler::BoxHandler;
use super::introspect::is_built_in;
use super::registry::Entry;
use crate::Error;
use crate::base::{Aid, HANDLERS, TraceContext};

/// Where the running code stands in a trace, for those whom it calls.
#[inline]
pub(crate) fn outgoing_trace() -> Option<Box<TraceContext>> {
    #[cfg(feature = "opentelemetry")]
    if let Some(current) = propagation::current() {
        return Some(Box::new(current));
    }
    current_trace()
}

/// The span in which a handler runs: as long as its call is owed an answer.
pub(super) struct HandlerSpan(Span);

impl HandlerSpan {
    /// Opens the span of a call, if somebody wants it. In `trace`, where the caller stands becomes where the
    /// handler does.
    #[inline]
    pub(super) fn open(
        entry: &Entry,
        caller: &Aid,
        trace: &mut Option<Box<TraceContext>>,
    ) -> Option<Box<Self>> {
        // Where nobody wants any spans, this is all that they cost.
        if LevelFilter::current() < LevelFilter::INFO {
            return None;
        }
        Self::open_if_wanted(entry, caller, trace)
    }

    #[cold]
    fn open_if_wanted(
        entry: &Entry,
        caller: &Aid,
        trace: &mut Option<Box<TraceContext>>,
    ) -> Option<Box<Self>> {
        if is_built_in(entry.module()) {
            return None;
        }
        let function = entry.path();
        // The driver of a link, which is what runs here, is part of no span.
        let span = tracing::info_span!(
            target: HANDLERS,
            parent: None,
            "call",
            function,
            %caller,
            trace_id = Empty,
            span_id = Empty,
            parent_id = Empty,
            error = Empty,
            cancelled_by = Empty,
            otel.name = Empty,
            otel.kind = Empty,
        );
        if span.is_disabled() {
            return None;
        }
        let above = trace.as_deref();
        #[cfg(feature = "opentelemetry")]
        let own = propagation::stand(&span, function, above).unwrap_or_else(|| stand(&span, above));
        #[cfg(not(feature = "opentelemetry"))]
        let own = stand(&span, above);
        *trace = Some(Box::new(own));
        Some(Box::new(Self(span)))
    }

    /// `handler`, in this span.
    pub(super) fn around(&self, handler: BoxHandler) -> BoxHandler {
        Box::pin(InSpan::new(handler, self.0.clone()))
    }

    /// The call fails with `error`.
    pub(super) fn failed(&self, error: &Error) {
        self.0.record("error", display(error));
        #[cfg(feature = "opentelemetry")]
        propagation::failed(&self.0, error);
    }

    /// The call is cancelled by somebody.
    pub(super) fn cancelled(&self, by: &Aid) {
        self.0.record("cancelled_by", display(by));
    }
}

/// Makes the span of a handler stand below that of its caller, and tells where that is.
fn stand(span: &Span, above: Option<&TraceContext>) -> TraceContext {
    let own = TraceContext::below(above);
    let record_id = |field, trace: &TraceContext| {
        span.record(field, display(format_args!("{:016x}", trace.span_id())));
    };
    span.record("trace_id", display(format_args!("{:032x}", own.trace_id())));
    record_id("span_id", &own);
    if let Some(above) = above {
        record_id("parent_id", above);
    }
    own
}

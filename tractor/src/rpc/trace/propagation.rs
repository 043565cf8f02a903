//! Traces of OpenTelemetry, from one process to the next.

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::Error;
use crate::base::TraceContext;

/// Where the running code stands, for OpenTelemetry.
pub(super) fn current() -> Option<TraceContext> {
    // A layer that does not activate its spans knows them nevertheless.
    Context::map_current(of).or_else(|| of(&Span::current().context()))
}

/// Makes the span of a handler stand below `above`, and tells where that is. `None` where OpenTelemetry has
/// nothing to do with the span.
pub(super) fn stand(
    span: &Span,
    function: &str,
    above: Option<&TraceContext>,
) -> Option<TraceContext> {
    let parent = above.map_or_else(Context::new, |above| {
        Context::new().with_remote_span_context(remote(above))
    });
    span.set_parent(parent).ok()?;
    // See <https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/>.
    span.record("otel.name", function);
    span.record("otel.kind", "server");
    span.set_attribute("rpc.system.name", "tractor");
    span.set_attribute("rpc.method", function.to_owned());
    of(&span.context())
}

/// The call of which `span` is the handler's fails.
pub(super) fn failed(span: &Span, error: &Error) {
    let error_type = match error {
        Error::Remote(error) if !error.is_panic() => error.type_name(),
        Error::Remote(_) => "panic",
        _ => "tractor::Error",
    };
    span.set_attribute("error.type", error_type.to_owned());
    span.set_status(Status::error(error.to_string()));
}

fn of(context: &Context) -> Option<TraceContext> {
    let span = context.span();
    let span = span.span_context();
    let trace_id = u128::from_be_bytes(span.trace_id().to_bytes());
    let span_id = u64::from_be_bytes(span.span_id().to_bytes());
    TraceContext::new(trace_id, span_id, span.trace_flags().to_u8())
}

fn remote(above: &TraceContext) -> SpanContext {
    SpanContext::new(
        TraceId::from(above.trace_id()),
        SpanId::from(above.span_id()),
        TraceFlags::new(above.flags()),
        true,
        TraceState::NONE,
    )
}

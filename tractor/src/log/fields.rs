//! The fields of spans and events, as a person reads them.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::field::{RecordFields, VisitOutput};
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, FormatFields, Writer};

use crate::base::{FOR_MACHINES, HANDLERS};

/// The usual fields, but for those by which machines put a trace together.
///
/// What is kept for spans is kept as that of another type than the usual one: whoever wants all of it, or no
/// colours, has that beside.
#[derive(Debug)]
pub(crate) struct LineFields;

impl<'w> FormatFields<'w> for LineFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut shown = Shown(DefaultVisitor::new(writer, true));
        fields.record(&mut shown);
        shown.0.finish()
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let before = current.fields.len();
        let space = if before == 0 { "" } else { " " };
        current.fields.push_str(space);
        FormatFields::format_fields(self, current.as_writer(), fields)?;
        // Nothing is behind the space where nothing is to be shown.
        if current.fields.len() == before + space.len() {
            current.fields.truncate(before);
        }
        Ok(())
    }
}

/// Shows what is to be shown.
struct Shown<'w>(DefaultVisitor<'w>);

impl Visit for Shown<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if is_shown(field) {
            self.0.record_str(field, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if is_shown(field) {
            self.0.record_error(field, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if is_shown(field) {
            self.0.record_debug(field, value);
        }
    }
}

/// False of a field for machines. One of the same name in the program's own spans and events is not that.
fn is_shown(field: &Field) -> bool {
    !FOR_MACHINES.contains(&field.name()) || field.callsite().0.metadata().target() != HANDLERS
}

#[cfg(test)]
mod tests {
    use tracing::field::Empty;
    use tracing::{Level, Span, span};
    use tracing_subscriber::fmt::FormattedFields;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::registry::LookupSpan;
    use tracing_subscriber::{Registry, fmt};

    use super::LineFields;
    use crate::base::{FOR_MACHINES, HANDLERS};

    /// The fields of a span, as they are shown.
    fn fields(open: impl FnOnce() -> Span) -> String {
        let layer = fmt::layer()
            .fmt_fields(LineFields)
            .with_writer(std::io::sink);
        let layer = layer.with_ansi(false);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let span = open();
            let shown = span.with_subscriber(|(id, dispatch)| {
                let registry = dispatch.downcast_ref::<Registry>()?;
                let span = registry.span(id)?;
                let extensions = span.extensions();
                let fields = extensions.get::<FormattedFields<LineFields>>()?;
                Some(fields.to_string())
            });
            shown.flatten().expect("the layer has kept them")
        })
    }

    #[test]
    fn what_is_for_machines_is_not_shown() {
        let shown = fields(|| {
            let span = span!(
                target: HANDLERS, Level::INFO, "call", function = "f", trace_id = "1",
                span_id = Empty, parent_id = Empty, otel.name = Empty, otel.kind = Empty,
                error = Empty,
            );
            for name in &FOR_MACHINES[1..] {
                span.record(*name, "2");
            }
            span.record("error", tracing::field::display("odd"));
            span
        });
        assert_eq!(shown, "function=\"f\" error=odd");
    }

    #[test]
    fn fields_of_the_program_are_its_own() {
        let shown = fields(|| {
            let span = span!(Level::INFO, "mine", trace_id = 1, span_id = Empty);
            span.record("span_id", 2);
            span
        });
        assert_eq!(shown, "trace_id=1 span_id=2");
    }
}

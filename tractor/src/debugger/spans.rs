//! The spans in which the code runs that has stopped.

use tracing::dispatcher::get_default;
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::DefaultFields;
use tracing_subscriber::registry::LookupSpan;

/// The spans of this thread, the innermost first, as far as the subscriber keeps them as those of
/// `tracing_subscriber` do.
pub(super) fn current() -> Vec<String> {
    let mut spans = Vec::new();
    get_default(|dispatch| {
        let Some(registry) = dispatch.downcast_ref::<Registry>() else {
            return;
        };
        let current = dispatch.current_span();
        let innermost = current.id().and_then(|id| registry.span(id));
        for span in innermost.into_iter().flat_map(|span| span.scope()) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<DefaultFields>>();
            let fields = fields.map(ToString::to_string);
            spans.push(match fields.filter(|fields| !fields.is_empty()) {
                Some(fields) => format!("{}{{{fields}}}", span.name()),
                None => span.name().to_owned(),
            });
        }
    });
    spans
}

//! The spans in which the code runs that has stopped.

use tracing::dispatcher::get_default;
use tracing::span::Id;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::DefaultFields;
use tracing_subscriber::registry::{Extensions, LookupSpan};

use crate::log::LineFields;

/// The spans of a thread that has stopped, as far as the subscriber keeps them as those of
/// `tracing_subscriber` do.
#[derive(Debug, Clone)]
pub(super) struct Spans {
    subscriber: Dispatch,
    innermost: Id,
}

impl Spans {
    /// Those of this thread, if it is in one.
    pub(super) fn current() -> Option<Self> {
        get_default(|subscriber| {
            let registry = subscriber.downcast_ref::<Registry>()?;
            let innermost = registry.current_span().id()?.clone();
            Some(Self {
                subscriber: subscriber.clone(),
                innermost,
            })
        })
    }

    /// The innermost first, one a line.
    pub(super) fn text(&self) -> Option<String> {
        let registry = self.subscriber.downcast_ref::<Registry>()?;
        let spans = registry.span(&self.innermost)?.scope().map(|span| {
            let extensions = span.extensions();
            // What is kept in debug mode has them all, and leaves out what is below its level.
            let fields = fields_of::<DefaultFields>(&extensions);
            let fields = fields.or_else(|| fields_of::<LineFields>(&extensions));
            match fields.filter(|fields| !fields.is_empty()) {
                Some(fields) => format!("{}{{{fields}}}", span.name()),
                None => span.name().to_owned(),
            }
        });
        Some(spans.collect::<Vec<_>>().join("\n"))
    }
}

/// The fields of a span as `N` has put them into words.
fn fields_of<N: 'static>(span: &Extensions<'_>) -> Option<String> {
    let fields = span.get::<FormattedFields<N>>();
    fields.map(ToString::to_string)
}

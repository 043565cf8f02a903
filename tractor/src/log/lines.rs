//! Events as lines on stderr, each with the name of its actor.

use std::fmt;
use std::io;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::collect::origin;
use super::fields::LineFields;
use crate::base::{Aid, stderr_takes_colours};

/// Writes events to stderr, each with the name of its actor: of `aid`, unless it comes from elsewhere.
pub(super) fn lines<S>(aid: &Aid) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .fmt_fields(LineFields)
        .with_writer(io::stderr)
        .with_ansi(stderr_takes_colours())
        // Where stderr is gone, as after the end of the root, there is nobody to tell of it either: std would panic.
        .log_internal_errors(false)
        .event_format(ActorLines {
            aid: aid.clone(),
            inner: Format::default(),
        })
}

/// The usual format, after the actor's name. Each event is one write, so that lines of different
/// processes are never torn.
struct ActorLines {
    aid: Aid,
    inner: Format<Full>,
}

impl<S, N> FormatEvent<S, N> for ActorLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        match origin() {
            Some(aid) => write!(writer, "{aid} ")?,
            None => write!(writer, "{} ", self.aid)?,
        }
        self.inner.format_event(context, writer, event)
    }
}

//! `tracing` events as lines on stderr, each with the name of its actor.

use std::fmt;
use std::io;

use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::base::{Aid, ConfigError, Result, stderr_takes_colours};

/// Writes the events that `filter` lets through, unless the program has its own subscriber.
///
/// # Errors
///
/// When `filter` is no filter.
pub(super) fn init(filter: &str, aid: &Aid) -> Result<()> {
    let filter: Targets = filter.parse().map_err(|error| {
        ConfigError::new(format!(
            "`{filter}` is no log level or filter ({error}); write `info` or \
             `tractor=debug,my_app=trace`, in `log_level` or TRACTOR_LOG"
        ))
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(stderr_takes_colours())
        .event_format(ActorLines {
            aid: aid.clone(),
            inner: Format::default(),
        });
    // A subscriber that is there already is the program's own, and stays.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .try_init();
    Ok(())
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
        write!(writer, "{} ", self.aid)?;
        self.inner.format_event(context, writer, event)
    }
}

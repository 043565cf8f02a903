//! `tracing` events as lines on stderr, each with the name of its actor.

use std::fmt;
use std::io;

use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::base::{Actor, Aid, ConfigError, Result, stderr_takes_colours};
#[cfg(feature = "opentelemetry")]
use crate::opentelemetry;

/// Writes events to stderr, if the settings of `actor` say so, and hands spans to be exported; unless the
/// program has its own subscriber.
///
/// # Errors
///
/// When the filter is none.
pub(super) fn init(actor: &Actor) -> Result<()> {
    // A subscriber that is there already is the program's own, and stays.
    let started = match actor.config().log_filter() {
        Some(filter) => {
            let lines = lines(actor.aid()).with_filter(parse(filter)?);
            let subscriber = tracing_subscriber::registry().with(lines);
            #[cfg(feature = "opentelemetry")]
            let subscriber = subscriber.with(opentelemetry::spans());
            subscriber.try_init()
        }
        #[cfg(feature = "opentelemetry")]
        None if opentelemetry::is_traced() => tracing_subscriber::registry()
            .with(opentelemetry::spans())
            .try_init(),
        None => return Ok(()),
    };
    #[cfg(feature = "opentelemetry")]
    if started.is_ok() {
        opentelemetry::note_layer();
    }
    let _ = started;
    Ok(())
}

fn parse(filter: &str) -> Result<Targets> {
    let parsed = filter.parse();
    parsed.map_err(|error| {
        ConfigError::new(format!(
            "`{filter}` is no log level or filter ({error}); write `info` or \
             `tractor=debug,my_app=trace`, in `log_level` or TRACTOR_LOG"
        ))
        .into()
    })
}

fn lines<S>(aid: &Aid) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(stderr_takes_colours())
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
        write!(writer, "{} ", self.aid)?;
        self.inner.format_event(context, writer, event)
    }
}

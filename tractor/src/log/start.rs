//! Installing what handles events.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::collect::collect_logs;
use super::forward::Forward;
use super::levels::{Levels, changed_levels};
use super::lines::lines;
use super::recent::keep;
#[cfg(feature = "opentelemetry")]
use crate::base::Image;
use crate::base::{Actor, Config, LogTo, Result};
#[cfg(feature = "opentelemetry")]
use crate::opentelemetry;
use crate::process::uplink;

/// Handles the events of this process as the settings of `actor` say, and hands spans to be exported, unless
/// the program has its own subscriber.
///
/// # Errors
///
/// When the filter is none.
pub(crate) fn start_log(actor: &Actor) -> Result<()> {
    let filter = actor.config().log_filter();
    #[cfg(feature = "opentelemetry")]
    let filter = filter.or_else(|| opentelemetry::is_traced().then_some("off"));
    // Not in the root, whose body may still install a subscriber.
    let filter = filter.or_else(|| (keeps_recent(actor) && !actor.is_root()).then_some("off"));
    if let Some(filter) = filter {
        start_levels(actor, Levels::parse(filter)?);
    }
    Ok(())
}

/// The settings of a child of this process, with what has to do with events: where they go to the root, it
/// listens from now on, and they are as many as its subscriber wants, unless `config` says otherwise.
pub(crate) fn settings_below(config: &Config, path: &str) -> Config {
    let mut config = config.clone();
    if config.logs_to() == LogTo::Root {
        match collect_logs() {
            Ok(()) if config.log_filter().is_none() => {
                config = config.log_level(LevelFilter::current().to_string());
            }
            Ok(()) => {}
            Err(error) => tracing::warn!(actor = path, %error, "cannot collect its events"),
        }
    }
    match changed_levels() {
        // The environment would beat what the code says.
        Some(filter) => config.env("TRACTOR_LOG", &filter).log_level(filter),
        None => config,
    }
}

/// Handles the events that `levels` let through. False when there is a subscriber already: it is the
/// program's own, and stays.
pub(super) fn start_levels(actor: &Actor, levels: Levels) -> bool {
    let (levels, installed) = levels.changeable();
    let subscriber = tracing_subscriber::registry();
    let forwarded = match uplink() {
        Some(uplink) if !actor.is_root() && actor.config().logs_to() == LogTo::Root => Some(uplink),
        _ => None,
    };
    let started = match forwarded {
        Some(uplink) => {
            let forward = Forward::new(actor.aid().clone(), uplink);
            init(actor, subscriber.with(forward.with_filter(levels)))
        }
        None => init(
            actor,
            subscriber.with(lines(actor.aid()).with_filter(levels)),
        ),
    };
    if started {
        installed.note();
    }
    started
}

/// True when the last events of `actor` are wanted once it stops.
fn keeps_recent(actor: &Actor) -> bool {
    actor.config().is_debugged()
}

/// Installs `subscriber`, with what else there is to do about events and spans. False when there is one
/// already.
fn init<S>(actor: &Actor, subscriber: S) -> bool
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync + 'static,
{
    let subscriber = subscriber.with(keeps_recent(actor).then(keep));
    // A child is traced from its beginning, or never.
    #[cfg(feature = "opentelemetry")]
    if opentelemetry::is_traced() || !Image::is_child() {
        let started = subscriber.with(opentelemetry::spans()).try_init().is_ok();
        if started {
            opentelemetry::note_layer();
        }
        return started;
    }
    subscriber.try_init().is_ok()
}

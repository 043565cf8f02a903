//! Which events are let through, until that is changed.

use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::{Registry, reload};

use super::collect::is_from_elsewhere;
use super::start::start_levels;
use crate::base::{Actor, ConfigError, Result};

/// Which events are let through; those of other actors have passed their own levels.
#[derive(Debug, Clone)]
pub(super) struct Levels(Targets);

/// What changes the levels of this process, once there is something that asks for them.
static CHANGE: OnceLock<reload::Handle<Levels, Registry>> = OnceLock::new();

/// True when the subscriber of this process is one of this layer.
pub(super) fn is_ours() -> bool {
    CHANGE.get().is_some()
}

impl Levels {
    /// # Errors
    ///
    /// When `filter` is no filter.
    pub(super) fn parse(filter: &str) -> Result<Self> {
        let targets = filter.parse().map_err(|error| {
            ConfigError::new(format!(
                "`{filter}` is no log level or filter ({error}); write `info` or \
                 `tractor=debug,my_app=trace`, in `log_level`, TRACTOR_LOG or `set_log_level`"
            ))
        })?;
        Ok(Self(targets))
    }

    /// As a filter that [`set_log_level`] changes, once `installed`.
    pub(super) fn changeable(self) -> (reload::Layer<Self, Registry>, Installed) {
        let (filter, change) = reload::Layer::new(self);
        (filter, Installed(change))
    }
}

/// What is known once a filter is in force.
pub(super) struct Installed(reload::Handle<Levels, Registry>);

impl Installed {
    pub(super) fn note(self) {
        let _ = CHANGE.set(self.0);
    }
}

impl<S: Subscriber> Filter<S> for Levels {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        is_from_elsewhere() || Filter::enabled(&self.0, metadata, context)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        Filter::<S>::callsite_enabled(&self.0, metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.0)
    }
}

/// The filter as it was last changed.
static CHANGED: Mutex<Option<String>> = Mutex::new(None);

/// Changes the levels of this process, which belongs to `actor`.
///
/// # Errors
///
/// When `filter` is none, and when the program has a subscriber of its own.
pub(crate) fn set_levels(actor: &Actor, filter: &str) -> Result<()> {
    let levels = Levels::parse(filter)?;
    let mut changed = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
    // Also where there is nothing to change here: those that are started later inherit it.
    *changed = Some(filter.to_owned());
    if CHANGE.get().is_none() && start_levels(actor, levels.clone()) {
        return Ok(());
    }
    let change = CHANGE.get().ok_or_else(|| {
        let message = format!(
            "{} has a `tracing` subscriber of its own, which has its own levels",
            actor.aid(),
        );
        ConfigError::new(message)
    })?;
    let reloaded = change.reload(levels);
    reloaded.map_err(|error| ConfigError::new(format!("cannot change the levels: {error}")).into())
}

/// The filter that this actor's children begin with, if it was changed.
pub(super) fn changed_levels() -> Option<String> {
    let changed = CHANGED.lock().unwrap_or_else(PoisonError::into_inner);
    changed.clone()
}

/// # Errors
///
/// When `filter` is none.
pub(crate) fn check_filter(filter: &str) -> Result<()> {
    Levels::parse(filter).map(drop)
}

#[cfg(test)]
mod tests {
    use tracing::Level;
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::Filter;

    use super::Levels;

    #[test]
    fn hint_is_the_highest_level_of_all() {
        let hint = |filter| {
            let levels = Levels::parse(filter).expect("it is one");
            Filter::<Registry>::max_level_hint(&levels)
        };
        assert_eq!(hint("info"), Some(LevelFilter::INFO));
        assert_eq!(hint("a=trace,info"), Some(LevelFilter::TRACE));
        assert_eq!(hint("a=warn"), Some(LevelFilter::WARN));
        assert_eq!(hint("off"), Some(LevelFilter::OFF));
    }

    #[test]
    fn what_is_no_filter_is_named() {
        let error = Levels::parse("loud=very").expect_err("it is none");
        assert!(error.to_string().contains("`loud=very`"), "{error}");
        let levels = Levels::parse("a=debug").expect("it is one");
        assert!(levels.0.would_enable("a::b", &Level::DEBUG));
        assert!(!levels.0.would_enable("b", &Level::ERROR));
    }
}

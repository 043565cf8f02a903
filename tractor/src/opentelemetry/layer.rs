//! From spans of `tracing` to those of OpenTelemetry.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, OnceLock};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber, callsite};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::forward::Forward;
use crate::base::{ConfigError, Result};

/// Which spans there are.
struct Traced {
    /// As it was written.
    filter: String,
    targets: Targets,
}

/// Nothing until the tree is to be traced; that stays for as long as the process lives.
static TRACED: OnceLock<Traced> = OnceLock::new();

/// True once there is a layer for [`spans`] in the subscriber.
static LAYERED: AtomicBool = AtomicBool::new(false);

/// The layer by which a program with a `tracing` subscriber of its own has its spans exported.
///
/// It does nothing until [`export`](super::export()) is called in the root, and its children are started.
/// Programs that leave their subscriber to tractor need not add it.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
/// use tracing_subscriber::util::SubscriberInitExt;
///
/// fn main() -> tractor::Result<()> {
///     // Before `run`, so that every actor has it.
///     tracing_subscriber::registry()
///         .with(tracing_subscriber::fmt::layer())
///         .with(tractor::opentelemetry::layer())
///         .init();
///     tractor::run(tractor::Config::new(), async || Ok(()))
/// }
/// ```
pub fn layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    note_layer();
    spans()
}

/// What a subscriber has its spans exported by.
pub(crate) fn spans<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let provider = SdkTracerProvider::builder().with_span_processor(Forward);
    let tracer = provider.build().tracer("tractor");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    layer.with_filter(WhileTraced)
}

/// Notes that [`spans`] are in the subscriber of this process.
pub(crate) fn note_layer() {
    LAYERED.store(true, Ordering::Relaxed);
}

/// True once there is such a subscriber.
pub(super) fn is_layered() -> bool {
    LAYERED.load(Ordering::Relaxed)
}

/// True once the tree is traced.
pub(crate) fn is_traced() -> bool {
    TRACED.get().is_some()
}

/// The filter that says which spans there are, once the tree is traced.
pub(crate) fn traced() -> Option<String> {
    TRACED.get().map(|traced| traced.filter.clone())
}

/// From now on there are the spans that `filter` lets through.
///
/// # Errors
///
/// When it is no filter, and when there is one already.
pub(crate) fn set_traced(filter: String) -> Result<()> {
    let targets = filter.parse().map_err(|error| {
        ConfigError::new(format!(
            "`{filter}` is no filter of spans ({error}); write `info` or `tractor=info,my_app=trace`"
        ))
    })?;
    if TRACED.set(Traced { filter, targets }).is_err() {
        return Err(ConfigError::new("the spans of this process are exported already").into());
    }
    callsite::rebuild_interest_cache();
    Ok(())
}

/// Lets through what is traced.
struct WhileTraced;

impl WhileTraced {
    fn targets() -> &'static Targets {
        static NONE: LazyLock<Targets> = LazyLock::new(Targets::new);
        TRACED.get().map_or(&NONE, |traced| &traced.targets)
    }
}

impl<S> Filter<S> for WhileTraced {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        Filter::enabled(Self::targets(), metadata, context)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        Filter::<S>::callsite_enabled(Self::targets(), metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(Self::targets())
    }
}

//! What exports the spans of a tree, at its root.

use std::env;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    BatchConfig, BatchConfigBuilder, BatchSpanProcessor, OTEL_BSP_MAX_QUEUE_SIZE, SpanExporter,
    SpanProcessor,
};
use tokio::task::spawn_blocking;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::layer::{is_layered, note_layer, set_traced, spans};
use super::record::decode;
use crate::base::{ConfigError, Result, try_current_actor};
use crate::process::{Parcel, flush_uplink, hear, open_uplink};

/// What takes the spans of the tree, in its root.
static EXPORTED: OnceLock<BatchSpanProcessor> = OnceLock::new();

/// What takes the spans of the tree; `None` but in its root.
pub(super) fn exported_here() -> Option<&'static BatchSpanProcessor> {
    EXPORTED.get()
}

/// Exports the spans of the whole tree, once it is [started](Export::start).
///
/// To be called in the body of the root: what stands before [`run`](crate::run) runs in every actor, of
/// which none but the root exports. The version of `opentelemetry_sdk` has to be the one that tractor is
/// built with.
pub fn export<E: SpanExporter + 'static>(exporter: E) -> Export<E> {
    Export {
        exporter,
        resource: None,
        filter: "info".to_owned(),
    }
}

/// An export of spans that has not begun; made by [`export`](export()).
#[derive(Debug)]
#[must_use = "nothing is exported before it is started"]
pub struct Export<E> {
    exporter: E,
    resource: Option<Resource>,
    filter: String,
}

impl<E: SpanExporter + 'static> Export<E> {
    /// What the spans come from; by default what the environment says, `OTEL_SERVICE_NAME` for instance.
    pub fn resource(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Which spans and events there are, like `info`, the default, or `tractor=info,my_app=trace`.
    ///
    /// The spans of handlers are `tractor::rpc=info`. Without them traces end where processes do.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = filter.into();
        self
    }

    /// Begins to export the spans of this process, and of actors that are started from now on.
    ///
    /// Spans are exported in batches, by a thread. Where the exporter is so slow that 8192 of them wait, further
    /// ones are lost. The variables of OpenTelemetry hold: `OTEL_BSP_MAX_QUEUE_SIZE` and the others for batches,
    /// and in every actor `OTEL_TRACES_SAMPLER`.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::Error::Config) when this process is not the root, or exports already; when the
    /// filter is none; when the program has a `tracing` subscriber of its own, in which there is no
    /// [`layer`](super::layer()); or when there is no thread.
    pub fn start(self) -> Result<Exporting> {
        let refused = |why: &str| ConfigError::new(format!("cannot export spans: {why}"));
        if !try_current_actor().is_some_and(|actor| actor.is_root()) {
            return Err(refused("that is done in the root of a tree, in its body").into());
        }
        if !is_layered() {
            let subscribed = tracing_subscriber::registry().with(spans()).try_init();
            subscribed.map_err(|_| refused(SUBSCRIBED))?;
            note_layer();
        }
        open_uplink().map_err(|error| refused(&error.to_string()))?;
        set_traced(self.filter)?;
        let resource = self.resource.unwrap_or_else(|| Resource::builder().build());
        let processor = BatchSpanProcessor::builder(self.exporter);
        let mut processor = processor.with_batch_config(batches()).build();
        processor.set_resource(&resource);
        let processor = EXPORTED.get_or_init(|| processor);
        hear(Parcel::Span, |message| {
            if let Some(span) = decode(message) {
                processor.on_end(span);
            }
        });
        Ok(Exporting { finished: false })
    }
}

/// Spans are being exported; made by [`Export::start`].
///
/// When it is dropped, the spans of all actors that have ended by then are exported, which blocks the thread,
/// for 5 s at most; spans that end later are not. Declare it before the scopes whose spans it has to see.
#[derive(Debug)]
#[must_use = "the export ends when this is dropped"]
pub struct Exporting {
    finished: bool,
}

impl Exporting {
    /// Exports the spans of all actors that have ended by now, and ends the export. Unlike to drop this, it
    /// leaves the thread to others meanwhile, on whom the exporter may depend.
    ///
    /// # Errors
    ///
    /// When the exporter fails, or takes longer than 5 s.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the export ends whether or not this is dropped.
    pub async fn finish(mut self) -> Result<(), OTelSdkError> {
        self.finished = true;
        let finished = spawn_blocking(finish).await;
        finished.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))?
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if let Err(error) = finish() {
            tracing::warn!(%error, "cannot export spans");
        }
    }
}

/// Why there is no place for a layer.
const SUBSCRIBED: &str = "the program has a `tracing` subscriber of its own; add \
                          `tractor::opentelemetry::layer()` to it";

/// So many spans wait to be exported at most; what ends meanwhile is lost. The default of OpenTelemetry is
/// for one process.
const QUEUE: usize = 8192;

fn batches() -> BatchConfig {
    let batches = BatchConfigBuilder::default();
    match env::var_os(OTEL_BSP_MAX_QUEUE_SIZE) {
        None => batches.with_max_queue_size(QUEUE).build(),
        Some(_) => batches.build(),
    }
}

/// How long the exporter may take for what is left.
const LONGEST: Duration = Duration::from_secs(5);

fn finish() -> OTelSdkResult {
    let Some(processor) = exported_here() else {
        return Ok(());
    };
    flush_uplink();
    let flushed = processor.force_flush();
    flushed.and(processor.shutdown_with_timeout(LONGEST))
}

//! Traces of a whole tree, exported as those of one program by OpenTelemetry.
//!
//! ```text
//!   actor   span ends ─▶ Forward ──┐
//!   actor   span ends ─▶ Forward ──┼─ uplink ─▶ batches ─▶ the exporter
//!   root    span ends ─▶ Forward ──┘
//! ```
//!
//! Only the root exports: an actor sends each span to it when it ends, and so nothing is left to be flushed
//! in an actor that is killed, and none but the root has an exporter. Which spans there are, all actors
//! learn from the root when they are started.
//!
//! ```no_run
//! # mod exporting {
//! # use opentelemetry_sdk::error::OTelSdkResult;
//! # use opentelemetry_sdk::trace::{SpanData, SpanExporter};
//! # #[derive(Debug)]
//! # pub struct Exporter;
//! # impl Exporter {
//! #     pub fn build() -> Self { Self }
//! # }
//! # impl SpanExporter for Exporter {
//! #     async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult { Ok(()) }
//! # }
//! # }
//! # use exporting::Exporter;
//! use opentelemetry_sdk::Resource;
//!
//! #[tractor::rpc]
//! fn resize(width: u32) -> u32 {
//!     // The span of the handler is around this one.
//!     tracing::info_span!("scale", width).in_scope(|| width / 2)
//! }
//!
//! #[tractor::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Such as `opentelemetry_otlp::SpanExporter::builder().with_http().build()?`.
//!     let exporter = Exporter::build();
//!     let exporting = tractor::opentelemetry::export(exporter)
//!         .resource(Resource::builder().with_service_name("images").build())
//!         .filter("info,images=debug")
//!         .start()?;
//!     tractor::cluster! { modules: [self], count: 4 }
//!         .scope(async |workers| {
//!             for (name, width) in workers.run_all(resize(640)).await {
//!                 println!("{name}: {}", width?);
//!             }
//!             Ok::<_, tractor::Error>(())
//!         })
//!         .await?;
//!     exporting.finish().await?;
//!     Ok(())
//! }
//! ```

mod export;
mod forward;
mod layer;
mod record;

pub use self::export::{Export, Exporting, export};
pub use self::layer::layer;
pub(crate) use self::layer::{is_traced, note_layer, set_traced, spans, traced};

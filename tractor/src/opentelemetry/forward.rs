//! Spans that have ended, on their way to the exporter.

use std::time::Duration;

use opentelemetry::trace::Span as _;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::export::exported_here;
use super::record::encode;
use crate::base::try_current_actor;
use crate::process::{Parcel, uplink};

/// Hands spans that have ended to the exporter: in the root directly, elsewhere by the uplink.
#[derive(Debug)]
pub(super) struct Forward;

impl SpanProcessor for Forward {
    fn on_start(&self, span: &mut Span, _: &Context) {
        if let Some(actor) = try_current_actor() {
            span.set_attribute(KeyValue::new(
                "tractor.actor",
                actor.aid().path().to_owned(),
            ));
            span.set_attribute(KeyValue::new("process.pid", i64::from(actor.aid().pid())));
        }
    }

    fn on_end(&self, span: SpanData) {
        if let Some(processor) = exported_here() {
            return processor.on_end(span);
        }
        if let Some(uplink) = uplink()
            && let Some(message) = encode(span)
        {
            // Of a root that is gone, nobody wants to see the spans.
            let _ = uplink.send(Parcel::Span, &message);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

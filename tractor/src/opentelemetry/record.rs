//! Spans as bytes.

mod parts;

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use serde::{Deserialize, Serialize};

use self::parts::{
    Attributes, ContextRecord, EventRecord, KindRecord, LinkRecord, ScopeRecord, StatusRecord,
    ValueRecord,
};
use crate::process::LONGEST;

/// A [`SpanData`], which knows no bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    context: ContextRecord,
    parent_span_id: u64,
    parent_span_is_remote: bool,
    kind: KindRecord,
    name: String,
    start_time: SystemTime,
    end_time: SystemTime,
    attributes: Attributes,
    events: Vec<EventRecord>,
    dropped_events: u32,
    links: Vec<LinkRecord>,
    dropped_links: u32,
    status: StatusRecord,
    scope: ScopeRecord,
}

/// A span as one message, without some of what it says if that is too long.
pub(super) fn encode(span: SpanData) -> Option<Vec<u8>> {
    let mut record = Record::from(span);
    let shorter = [
        Record::drop_events,
        Record::cut_texts,
        Record::drop_attributes,
    ];
    let mut shorter = shorter.into_iter();
    loop {
        let bytes = postcard::to_stdvec(&record).ok()?;
        if bytes.len() <= LONGEST {
            return Some(bytes);
        }
        shorter.next()?(&mut record);
    }
}

/// The span that was [encoded](encode).
pub(super) fn decode(message: &[u8]) -> Option<SpanData> {
    let record: Record = postcard::from_bytes(message).ok()?;
    Some(record.into())
}

impl Record {
    /// What does not travel is counted, as OpenTelemetry does.
    fn drop_events(&mut self) {
        self.dropped_events = self.dropped_events.saturating_add(count(&self.events));
        self.dropped_links = self.dropped_links.saturating_add(count(&self.links));
        self.events.clear();
        self.links.clear();
    }

    fn cut_texts(&mut self) {
        /// In characters.
        const LONG: usize = 1024;
        let cut = |text: &mut String| {
            if let Some((end, _)) = text.char_indices().nth(LONG) {
                text.truncate(end);
            }
        };
        cut(&mut self.name);
        if let StatusRecord::Error(description) = &mut self.status {
            cut(description);
        }
        for (_, value) in &mut self.attributes.list {
            match value {
                ValueRecord::Text(text) => cut(text),
                ValueRecord::Texts(texts) => texts.iter_mut().for_each(cut),
                _ => {}
            }
        }
    }

    fn drop_attributes(&mut self) {
        let Attributes { list, dropped } = &mut self.attributes;
        *dropped = dropped.saturating_add(count(list));
        list.clear();
    }
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

impl From<SpanData> for Record {
    fn from(span: SpanData) -> Self {
        Self {
            context: (&span.span_context).into(),
            parent_span_id: u64::from_be_bytes(span.parent_span_id.to_bytes()),
            parent_span_is_remote: span.parent_span_is_remote,
            kind: span.span_kind.into(),
            name: span.name.into_owned(),
            start_time: span.start_time,
            end_time: span.end_time,
            attributes: Attributes::new(span.attributes, span.dropped_attributes_count),
            dropped_events: span.events.dropped_count,
            events: span.events.events.into_iter().map(Into::into).collect(),
            dropped_links: span.links.dropped_count,
            links: span.links.links.into_iter().map(Into::into).collect(),
            status: span.status.into(),
            scope: span.instrumentation_scope.into(),
        }
    }
}

impl From<Record> for SpanData {
    fn from(record: Record) -> Self {
        let mut events = SpanEvents::default();
        events.events = record.events.into_iter().map(Into::into).collect();
        events.dropped_count = record.dropped_events;
        let mut links = SpanLinks::default();
        links.links = record.links.into_iter().map(Into::into).collect();
        links.dropped_count = record.dropped_links;
        Self {
            span_context: record.context.into(),
            parent_span_id: SpanId::from(record.parent_span_id),
            parent_span_is_remote: record.parent_span_is_remote,
            span_kind: record.kind.into(),
            name: Cow::Owned(record.name),
            start_time: record.start_time,
            end_time: record.end_time,
            dropped_attributes_count: record.attributes.dropped,
            attributes: record.attributes.into(),
            events,
            links,
            status: record.status.into(),
            instrumentation_scope: record.scope.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use opentelemetry::trace::{Event, Link, SpanContext, SpanKind, Status};
    use opentelemetry::trace::{TraceFlags, TraceId, TraceState};
    use opentelemetry::{InstrumentationScope, KeyValue, StringValue, Value};

    use super::*;

    fn context(span_id: u64) -> SpanContext {
        let state = TraceState::from_key_value([("vendor", "value")]).expect("it is valid");
        let ids = (TraceId::from(1 << 127), SpanId::from(span_id));
        SpanContext::new(ids.0, ids.1, TraceFlags::SAMPLED, true, state)
    }

    /// One of everything.
    fn span() -> SpanData {
        let at = |seconds| UNIX_EPOCH + Duration::new(seconds, 5);
        let attributes = vec![
            KeyValue::new("bool", true),
            KeyValue::new("i64", -1),
            KeyValue::new("f64", 0.5),
            KeyValue::new("text", "text"),
            KeyValue::new("bools", Value::Array(vec![true, false].into())),
            KeyValue::new("i64s", Value::Array(vec![1, 2].into())),
            KeyValue::new("f64s", Value::Array(vec![0.5, 1.5].into())),
            KeyValue::new("texts", Value::Array(vec![StringValue::from("a")].into())),
        ];
        let mut events = SpanEvents::default();
        events.events = vec![Event::new("event", at(2), attributes.clone(), 2)];
        events.dropped_count = 3;
        let mut links = SpanLinks::default();
        links.links = vec![Link::new(context(9), attributes.clone(), 4)];
        links.dropped_count = 5;
        SpanData {
            span_context: context(8),
            parent_span_id: SpanId::from(7),
            parent_span_is_remote: true,
            span_kind: SpanKind::Server,
            name: "name".into(),
            start_time: at(1),
            end_time: at(3),
            attributes: attributes.clone(),
            dropped_attributes_count: 1,
            events,
            links,
            status: Status::error("why"),
            instrumentation_scope: InstrumentationScope::builder("scope")
                .with_version("1")
                .with_schema_url("https://schema")
                .with_attributes(attributes)
                .build(),
        }
    }

    #[test]
    fn span_arrives_as_it_was() {
        for kind in [
            SpanKind::Client,
            SpanKind::Server,
            SpanKind::Producer,
            SpanKind::Consumer,
            SpanKind::Internal,
        ] {
            let mut sent = span();
            sent.span_kind = kind;
            let message = encode(sent.clone()).expect("it is short");
            let received = decode(&message).expect("it is whole");
            assert_eq!(received, sent);
            let attributes = |span: &SpanData| -> Vec<_> {
                span.instrumentation_scope.attributes().cloned().collect()
            };
            assert_eq!(attributes(&received), attributes(&sent));
        }
    }

    #[test]
    fn span_that_is_too_long_says_less() {
        let long = || "ä".repeat(LONGEST);
        let mut sent = span();
        sent.events.events[0].name = long().into();
        let received = decode(&encode(sent.clone()).expect("it fits")).expect("it is whole");
        assert_eq!(
            (received.events.len(), received.events.dropped_count),
            (0, 4)
        );
        assert_eq!(received.attributes, sent.attributes);

        sent.status = Status::error(long());
        sent.attributes = vec![KeyValue::new("text", long())];
        let received = decode(&encode(sent.clone()).expect("it fits")).expect("it is whole");
        assert_eq!(received.status, Status::error("ä".repeat(1024)));
        assert_eq!(received.attributes.len(), 1);

        sent.attributes = vec![KeyValue::new("text", 0); 20_000];
        let received = decode(&encode(sent.clone()).expect("it fits")).expect("it is whole");
        let dropped = received.dropped_attributes_count;
        assert_eq!((received.attributes.len(), dropped), (0, 20_001));
        assert_eq!(received.span_context, sent.span_context);
    }

    #[test]
    fn other_bytes_are_no_span() {
        let message = encode(span()).expect("it is short");
        assert_eq!(decode(&message[..message.len() - 1]), None);
        assert_eq!(decode(b""), None);
    }
}

//! What a span consists of, as data that travels.

use std::str::FromStr;
use std::time::SystemTime;

use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ContextRecord {
    trace_id: u128,
    span_id: u64,
    flags: u8,
    is_remote: bool,
    state: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum KindRecord {
    Client,
    Server,
    Producer,
    Consumer,
    Internal,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Attributes {
    pub(super) list: Vec<(String, ValueRecord)>,
    pub(super) dropped: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ValueRecord {
    Bool(bool),
    I64(i64),
    F64(f64),
    Text(String),
    Bools(Vec<bool>),
    I64s(Vec<i64>),
    F64s(Vec<f64>),
    Texts(Vec<String>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventRecord {
    name: String,
    at: SystemTime,
    attributes: Attributes,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LinkRecord {
    context: ContextRecord,
    attributes: Attributes,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum StatusRecord {
    Unset,
    Ok,
    Error(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ScopeRecord {
    name: String,
    version: Option<String>,
    schema_url: Option<String>,
    attributes: Attributes,
}

impl From<&SpanContext> for ContextRecord {
    fn from(context: &SpanContext) -> Self {
        Self {
            trace_id: u128::from_be_bytes(context.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(context.span_id().to_bytes()),
            flags: context.trace_flags().to_u8(),
            is_remote: context.is_remote(),
            state: context.trace_state().header(),
        }
    }
}

impl From<ContextRecord> for SpanContext {
    fn from(record: ContextRecord) -> Self {
        Self::new(
            TraceId::from(record.trace_id),
            SpanId::from(record.span_id),
            TraceFlags::new(record.flags),
            record.is_remote,
            TraceState::from_str(&record.state).unwrap_or_default(),
        )
    }
}

impl From<SpanKind> for KindRecord {
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::Client => Self::Client,
            SpanKind::Server => Self::Server,
            SpanKind::Producer => Self::Producer,
            SpanKind::Consumer => Self::Consumer,
            SpanKind::Internal => Self::Internal,
        }
    }
}

impl From<KindRecord> for SpanKind {
    fn from(record: KindRecord) -> Self {
        match record {
            KindRecord::Client => Self::Client,
            KindRecord::Server => Self::Server,
            KindRecord::Producer => Self::Producer,
            KindRecord::Consumer => Self::Consumer,
            KindRecord::Internal => Self::Internal,
        }
    }
}

impl Attributes {
    pub(super) fn new(list: Vec<KeyValue>, dropped: u32) -> Self {
        let list = list.into_iter();
        Self {
            list: list
                .map(|pair| (pair.key.to_string(), pair.value.into()))
                .collect(),
            dropped,
        }
    }
}

impl From<Attributes> for Vec<KeyValue> {
    fn from(record: Attributes) -> Self {
        let list = record.list.into_iter();
        list.map(|(key, value)| KeyValue::new(key, Value::from(value)))
            .collect()
    }
}

impl From<Value> for ValueRecord {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(value),
            Value::I64(value) => Self::I64(value),
            Value::F64(value) => Self::F64(value),
            Value::String(value) => Self::Text(value.into()),
            Value::Array(Array::Bool(values)) => Self::Bools(values),
            Value::Array(Array::I64(values)) => Self::I64s(values),
            Value::Array(Array::F64(values)) => Self::F64s(values),
            Value::Array(Array::String(values)) => {
                Self::Texts(values.into_iter().map(Into::into).collect())
            }
            // Of a kind that OpenTelemetry has got since.
            other => Self::Text(other.to_string()),
        }
    }
}

impl From<ValueRecord> for Value {
    fn from(record: ValueRecord) -> Self {
        match record {
            ValueRecord::Bool(value) => value.into(),
            ValueRecord::I64(value) => value.into(),
            ValueRecord::F64(value) => value.into(),
            ValueRecord::Text(value) => value.into(),
            ValueRecord::Bools(values) => Self::Array(values.into()),
            ValueRecord::I64s(values) => Self::Array(values.into()),
            ValueRecord::F64s(values) => Self::Array(values.into()),
            ValueRecord::Texts(values) => {
                let values: Vec<StringValue> = values.into_iter().map(Into::into).collect();
                Self::Array(values.into())
            }
        }
    }
}

impl From<Event> for EventRecord {
    fn from(event: Event) -> Self {
        Self {
            name: event.name.into_owned(),
            at: event.timestamp,
            attributes: Attributes::new(event.attributes, event.dropped_attributes_count),
        }
    }
}

impl From<EventRecord> for Event {
    fn from(record: EventRecord) -> Self {
        let dropped = record.attributes.dropped;
        Self::new(record.name, record.at, record.attributes.into(), dropped)
    }
}

impl From<Link> for LinkRecord {
    fn from(link: Link) -> Self {
        Self {
            context: (&link.span_context).into(),
            attributes: Attributes::new(link.attributes, link.dropped_attributes_count),
        }
    }
}

impl From<LinkRecord> for Link {
    fn from(record: LinkRecord) -> Self {
        let dropped = record.attributes.dropped;
        Self::new(record.context.into(), record.attributes.into(), dropped)
    }
}

impl From<Status> for StatusRecord {
    fn from(status: Status) -> Self {
        match status {
            Status::Unset => Self::Unset,
            Status::Ok => Self::Ok,
            Status::Error { description } => Self::Error(description.into_owned()),
        }
    }
}

impl From<StatusRecord> for Status {
    fn from(record: StatusRecord) -> Self {
        match record {
            StatusRecord::Unset => Self::Unset,
            StatusRecord::Ok => Self::Ok,
            StatusRecord::Error(description) => Self::error(description),
        }
    }
}

impl From<InstrumentationScope> for ScopeRecord {
    fn from(scope: InstrumentationScope) -> Self {
        Self {
            name: scope.name().to_owned(),
            version: scope.version().map(str::to_owned),
            schema_url: scope.schema_url().map(str::to_owned),
            attributes: Attributes::new(scope.attributes().cloned().collect(), 0),
        }
    }
}

impl From<ScopeRecord> for InstrumentationScope {
    fn from(record: ScopeRecord) -> Self {
        let attributes: Vec<KeyValue> = record.attributes.into();
        let mut scope = Self::builder(record.name).with_attributes(attributes);
        if let Some(version) = record.version {
            scope = scope.with_version(version);
        }
        if let Some(url) = record.schema_url {
            scope = scope.with_schema_url(url);
        }
        scope.build()
    }
}

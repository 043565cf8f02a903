//! A collector that keeps what it gets.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{self, ResourceSpans};
use prost::Message;

/// Listens for requests, each of which has been kept when it is answered.
pub(crate) struct Receiver {
    address: String,
    requests: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

/// What was received.
#[derive(Debug)]
pub(crate) struct Received {
    /// What the spans come from.
    pub(crate) services: Vec<String>,
    pub(crate) spans: Vec<Span>,
}

/// One span.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    /// The actor that it is from.
    pub(crate) actor: String,
    pub(crate) pid: i64,
    pub(crate) trace: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) parent: Option<Vec<u8>>,
    pub(crate) is_server: bool,
    /// The messages of its events.
    pub(crate) events: Vec<String>,
    /// What its status says, if that is an error.
    pub(crate) error: Option<String>,
    attributes: Vec<KeyValue>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let request = answer(connection.expect("it was accepted"));
                kept.lock().expect("nobody panics").push(request);
            }
        });
        Self { address, requests }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What has come until now.
    pub(crate) fn received(&self) -> Received {
        let requests = std::mem::take(&mut *self.requests.lock().expect("nobody panics"));
        let sources: Vec<ResourceSpans> = requests
            .into_iter()
            .flat_map(|request| request.resource_spans)
            .collect();
        let mut services = BTreeSet::new();
        for source in &sources {
            let resource = source.resource.as_ref().expect("there is a resource");
            services.insert(text(&resource.attributes, "service.name"));
        }
        let scopes = sources.into_iter().flat_map(|source| source.scope_spans);
        Received {
            services: services.into_iter().collect(),
            spans: scopes
                .flat_map(|scope| scope.spans)
                .map(Span::new)
                .collect(),
        }
    }
}

/// Reads one request and answers it.
fn answer(connection: TcpStream) -> ExportTraceServiceRequest {
    let mut connection = BufReader::new(connection);
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        connection.read_line(&mut line).expect("a line");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            match line.trim_end().is_empty() {
                true => break,
                false => {
                    assert_eq!(line, "POST /v1/traces HTTP/1.1\r\n");
                    continue;
                }
            }
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "content-type" => assert_eq!(value, "application/x-protobuf"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).expect("a body");
    let request = ExportTraceServiceRequest::decode(&*body).expect("it is OTLP");
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    connection.get_mut().write_all(answer).expect("it listens");
    request
}

impl Received {
    /// The traces that there are.
    pub(crate) fn traces(&self) -> BTreeSet<&[u8]> {
        self.spans.iter().map(|span| &*span.trace).collect()
    }

    /// The spans of an actor.
    pub(crate) fn of(&self, actor: &str) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(move |span| span.actor == actor)
    }

    /// The one span with this name in an actor.
    #[track_caller]
    pub(crate) fn find(&self, actor: &str, name: &str) -> &Span {
        let mut found = self.of(actor).filter(|span| span.name == name);
        match (found.next(), found.next()) {
            (Some(span), None) => span,
            (found, _) => panic!("not one `{name}` in {actor}, but {found:#?} of {self:#?}"),
        }
    }
}

impl Span {
    fn new(span: v1::Span) -> Self {
        let status = span.status.unwrap_or_default();
        let pid = span
            .attributes
            .iter()
            .find(|pair| pair.key == "process.pid");
        let pid = match pid.and_then(|pair| pair.value.clone()?.value) {
            Some(Value::IntValue(pid)) => pid,
            other => panic!("{other:?} is no pid"),
        };
        Self {
            actor: text(&span.attributes, "tractor.actor"),
            pid,
            name: span.name,
            trace: span.trace_id,
            id: span.span_id,
            parent: Some(span.parent_span_id).filter(|parent| !parent.is_empty()),
            is_server: span.kind == SpanKind::Server as i32,
            events: span.events.into_iter().map(|event| event.name).collect(),
            error: (status.code == StatusCode::Error as i32).then_some(status.message),
            attributes: span.attributes,
        }
    }

    /// An attribute that is a text.
    #[track_caller]
    pub(crate) fn text(&self, key: &str) -> String {
        text(&self.attributes, key)
    }
}

#[track_caller]
fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|pair| pair.key == key);
    match found.and_then(|pair| pair.value.as_ref()) {
        Some(AnyValue {
            value: Some(Value::StringValue(text)),
        }) => text.clone(),
        other => panic!("{key} is {other:?} among {attributes:#?}"),
    }
}

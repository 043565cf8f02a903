//! Sending events to the root.

use std::borrow::Cow;
use std::fmt::Write;

use tracing::span::{Attributes, Id, Record as Values};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{DefaultFields, FormatFields};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, Scope, SpanRef};

use super::record::{Content, Fields, Place, Record};
use crate::base::Aid;
use crate::process::{LONGEST, Parcel, Uplink};

/// Sends every event to the root. The thread waits where that is slow: nothing is lost.
pub(super) struct Forward {
    actor: Aid,
    uplink: &'static Uplink,
}

/// The fields of a span as text, in the form in which `tracing_subscriber` keeps them.
type SpanFields = FormattedFields<DefaultFields>;

impl Forward {
    pub(super) fn new(actor: Aid, uplink: &'static Uplink) -> Self {
        Self { actor, uplink }
    }

    fn send(&self, mut record: Record<'_>) {
        let Ok(mut message) = postcard::to_stdvec(&record) else {
            return;
        };
        if message.len() > LONGEST {
            shorten(&mut record);
            let Ok(shorter) = postcard::to_stdvec(&record) else {
                return;
            };
            message = shorter;
        }
        // Without a root, nobody is left who would read it.
        let _ = self.uplink.send(Parcel::Log, &message);
    }
}

impl<S> Layer<S> for Forward
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            add_fields(&span, attributes);
        }
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            add_fields(&span, values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.send(Record {
            actor: Cow::Borrowed(&self.actor),
            place: Place {
                level: Place::number(*metadata.level()),
                name: metadata.name().into(),
                target: metadata.target().into(),
                module: metadata.module_path().map(Into::into),
                file: metadata.file().map(Into::into),
                line: metadata.line(),
            },
            fields: fields.0,
            spans: spans_of(event, &context).into(),
        });
    }
}

fn add_fields<S>(span: &SpanRef<'_, S>, values: impl RecordFields)
where
    S: for<'a> LookupSpan<'a>,
{
    let format = DefaultFields::new();
    let mut extensions = span.extensions_mut();
    if let Some(fields) = extensions.get_mut::<SpanFields>() {
        if !fields.fields.is_empty() {
            fields.fields.push(' ');
        }
        let _ = format.format_fields(fields.as_writer(), values);
        return;
    }
    let mut fields = SpanFields::new(String::new());
    if format.format_fields(fields.as_writer(), values).is_ok() {
        extensions.insert(fields);
    }
}

/// The spans around an event, like `outer{n=1}:inner`.
fn spans_of<S>(event: &Event<'_>, context: &Context<'_, S>) -> String
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut text = String::new();
    for span in context
        .event_scope(event)
        .into_iter()
        .flat_map(Scope::from_root)
    {
        if !text.is_empty() {
            text.push(':');
        }
        text.push_str(span.name());
        let extensions = span.extensions();
        let fields = extensions.get::<SpanFields>();
        if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
            let _ = write!(text, "{{{fields}}}");
        }
    }
    text
}

/// Leaves the message, and says of everything else only that it was too long.
fn shorten(record: &mut Record<'_>) {
    const KEPT: usize = 1 << 10;
    for (name, content) in &mut record.fields {
        if let (Content::Text(text) | Content::Shown(text), true) = (content, *name != "message") {
            cut(text, KEPT);
        }
    }
    cut(record.spans.to_mut(), KEPT);
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        let more = text.len() - text.floor_char_boundary(most);
        text.truncate(text.len() - more);
        let _ = write!(text, ".. ({more} bytes more)");
    }
}

//! Handing the events of other actors to the subscriber of the root.

use std::cell::RefCell;
use std::io;

use tracing::dispatcher::get_default;
use tracing::field::{DisplayValue, Value, display};
use tracing::{Dispatch, Event, Metadata};

use super::callsites::callsite;
use super::levels::is_ours;
use super::record::{Content, Record};
use crate::base::Aid;
use crate::process::{Parcel, hear, open_uplink};

thread_local! {
    /// Whose event this thread hands on.
    static ORIGIN: RefCell<Option<Aid>> = const { RefCell::new(None) };
}

/// Whose event this thread hands on; `None` of one of its own.
pub(super) fn origin() -> Option<Aid> {
    ORIGIN.with_borrow(Clone::clone)
}

/// True while this thread hands on the event of another actor.
pub(super) fn is_from_elsewhere() -> bool {
    ORIGIN.with_borrow(Option::is_some)
}

/// Has actors that are started from now on send their events here, if this is where the root runs.
///
/// # Errors
///
/// When there is no way to the root.
pub(super) fn collect_logs() -> io::Result<()> {
    hear(Parcel::Log, |message| {
        // Every actor runs this same image: what cannot be read was not written by it.
        if let Ok(record) = postcard::from_bytes::<Record<'_>>(message) {
            hand_on(record);
        }
    });
    open_uplink().map(drop)
}

fn hand_on(record: Record<'_>) {
    let mut fields = record.fields;
    if !is_ours() {
        // Lines begin with them; any other subscriber has to be told.
        fields.push(("actor.name", Content::Text(record.actor.path().to_owned())));
        fields.push(("actor.pid", Content::U64(record.actor.pid().into())));
    }
    if !record.spans.is_empty() {
        fields.push(("actor.spans", Content::Shown(record.spans.into_owned())));
    }
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    if let Some(callsite) = callsite(&record.place, &names) {
        ORIGIN.set(Some(record.actor.into_owned()));
        let _over = Over;
        get_default(|dispatch| emit(dispatch, callsite.metadata(), &fields));
    }
}

/// Dropped, it ends the handing on, also when the subscriber panics.
struct Over;

impl Drop for Over {
    fn drop(&mut self) {
        ORIGIN.set(None);
    }
}

fn emit(dispatch: &Dispatch, metadata: &'static Metadata<'static>, fields: &[(&str, Content)]) {
    if !dispatch.enabled(metadata) {
        return;
    }
    let contents: Vec<_> = fields
        .iter()
        .map(|(_, content)| Recorded::of(content))
        .collect();
    let values: Vec<_> = contents
        .iter()
        .map(|content| Some(content.value()))
        .collect();
    dispatch.event(&Event::new(
        metadata,
        &metadata.fields().value_set_all(&values),
    ));
}

/// A field, as it was recorded where it comes from.
enum Recorded<'c> {
    Plain(&'c dyn Value),
    Shown(DisplayValue<&'c str>),
}

impl<'c> Recorded<'c> {
    fn of(content: &'c Content) -> Self {
        Self::Plain(match content {
            Content::Text(text) => text,
            Content::Shown(text) => return Self::Shown(display(text)),
            Content::I64(value) => value,
            Content::U64(value) => value,
            Content::I128(value) => value,
            Content::U128(value) => value,
            Content::F64(value) => value,
            Content::Bool(value) => value,
        })
    }

    fn value(&self) -> &dyn Value {
        match self {
            Self::Plain(value) => *value,
            Self::Shown(text) => text,
        }
    }
}

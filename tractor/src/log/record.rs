//! An event on its way to the root.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use tracing::Level;
use tracing::field::{Field, Visit};

use crate::base::Aid;

/// An event on its way to the root.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record<'r> {
    /// The actor whose event it is.
    pub(super) actor: Cow<'r, Aid>,
    pub(super) place: Place<'r>,
    #[serde(borrow)]
    pub(super) fields: Vec<(&'r str, Content)>,
    /// The spans in which it happened, the outermost first, as text.
    pub(super) spans: Cow<'r, str>,
}

/// Where in the program an event happens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Place<'r> {
    /// From 0, an error, to 4, a trace.
    pub(super) level: u8,
    pub(super) name: Cow<'r, str>,
    pub(super) target: Cow<'r, str>,
    pub(super) module: Option<Cow<'r, str>>,
    pub(super) file: Option<Cow<'r, str>>,
    pub(super) line: Option<u32>,
}

/// The levels as they are numbered on the way.
const LEVELS: [Level; 5] = [
    Level::ERROR,
    Level::WARN,
    Level::INFO,
    Level::DEBUG,
    Level::TRACE,
];

impl Place<'_> {
    /// The same, for ever.
    pub(super) fn to_static(&self) -> Place<'static> {
        let text = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
        Place {
            level: self.level,
            name: text(&self.name),
            target: text(&self.target),
            module: self.module.as_ref().map(text),
            file: self.file.as_ref().map(text),
            line: self.line,
        }
    }

    /// The number of a level.
    pub(super) fn number(level: Level) -> u8 {
        let at = LEVELS.iter().position(|known| *known == level);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
    }

    /// The level, if it is one.
    pub(super) fn level(&self) -> Option<Level> {
        LEVELS.get(usize::from(self.level)).copied()
    }
}

/// What a field of an event holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Content {
    Text(String),
    /// The text of a `Debug` or `Display`, which is shown without quotes.
    Shown(String),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Bool(bool),
}

/// The longest text of one field in bytes; of a longer one, the beginning.
const LONGEST: usize = 64 << 10;

/// Text that ends somewhere.
struct Bounded {
    text: String,
    more: usize,
}

impl Bounded {
    fn new() -> Self {
        Self {
            text: String::new(),
            more: 0,
        }
    }

    fn end(mut self) -> String {
        if self.more > 0 {
            let _ = write!(self.text, ".. ({} bytes more)", self.more);
        }
        self.text
    }
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = match self.more {
            0 => LONGEST.saturating_sub(self.text.len()),
            _ => 0,
        };
        let fits = text.floor_char_boundary(room);
        self.text.push_str(&text[..fits]);
        self.more += text.len() - fits;
        Ok(())
    }
}

fn bounded(shown: fmt::Arguments<'_>) -> String {
    let mut text = Bounded::new();
    match text.write_fmt(shown) {
        Ok(()) => text.end(),
        Err(_) => "it cannot be shown".to_owned(),
    }
}

/// Gathers the fields of an event.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(&'static str, Content)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let shown = Content::Shown(bounded(format_args!("{value:?}")));
        self.0.push((field.name(), shown));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = Content::Text(bounded(format_args!("{value}")));
        self.0.push((field.name(), text));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = Bounded::new();
        let _ = write!(text, "{value}");
        let mut source = value.source();
        while let Some(cause) = source {
            let _ = write!(text, ": {cause}");
            source = cause.source();
        }
        self.0.push((field.name(), Content::Shown(text.end())));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), Content::I64(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), Content::U64(value)));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.0.push((field.name(), Content::I128(value)));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.0.push((field.name(), Content::U128(value)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.push((field.name(), Content::F64(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.push((field.name(), Content::Bool(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, bounded};

    #[test]
    fn long_text_ends_at_a_character() {
        assert_eq!(bounded(format_args!("{}{}", "a", 1)), "a1");
        let long = bounded(format_args!("a{}b", "ü".repeat(LONGEST)));
        let (kept, more) = long.split_once("..").expect("it is cut");
        assert_eq!(kept.len(), LONGEST - 1);
        let cut = 2 * LONGEST + 2 - kept.len();
        assert_eq!(more, format!(" ({cut} bytes more)"));
    }
}

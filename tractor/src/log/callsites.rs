//! The places in the program from which other actors have sent events.
//!
//! `tracing` wants such a place to be static. Every actor runs the same image, so there are as many as the
//! image has, and each is leaked once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use tracing_core::callsite::Identifier;
use tracing_core::field::FieldSet;
use tracing_core::subscriber::Interest;
use tracing_core::{Kind, Metadata};

use super::record::Place;

/// A place in the program, and the names of the fields that its events have.
pub(super) struct Callsite {
    place: Place<'static>,
    names: Vec<&'static str>,
    metadata: OnceLock<Metadata<'static>>,
}

/// Those that were met, by their hashes.
static KNOWN: LazyLock<Mutex<HashMap<u64, Vec<&'static Callsite>>>> = LazyLock::new(Mutex::default);

/// The one for this place and these names; `None` when its level is none.
pub(super) fn callsite(place: &Place<'_>, names: &[&str]) -> Option<&'static Callsite> {
    static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let hash = HASHES.hash_one((place, names));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let alike = known.entry(hash).or_default();
    if let Some(met) = alike.iter().find(|met| met.is(place, names)) {
        return Some(met);
    }
    let new = Callsite::leak(place, names)?;
    alike.push(new);
    Some(new)
}

impl Callsite {
    fn is(&self, place: &Place<'_>, names: &[&str]) -> bool {
        self.place == *place && self.names == names
    }

    fn leak(place: &Place<'_>, names: &[&str]) -> Option<&'static Self> {
        let level = place.level()?;
        let leaked: &'static Self = Box::leak(Box::new(Self {
            place: place.to_static(),
            names: names.iter().map(|name| &*name.to_string().leak()).collect(),
            metadata: OnceLock::new(),
        }));
        let place = &leaked.place;
        let metadata = Metadata::new(
            &place.name,
            &place.target,
            level,
            place.file.as_deref(),
            place.line,
            place.module.as_deref(),
            FieldSet::new(&leaked.names, Identifier(leaked)),
            Kind::EVENT,
        );
        let _ = leaked.metadata.set(metadata);
        Some(leaked)
    }

    /// What `tracing` has to know of it.
    pub(super) fn metadata(&'static self) -> &'static Metadata<'static> {
        self.metadata
            .get()
            .expect("it was set before it was given away")
    }
}

impl tracing_core::Callsite for Callsite {
    /// Nobody asks for it: every event is asked about by itself.
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata
            .get()
            .expect("it was set before it was given away")
    }
}

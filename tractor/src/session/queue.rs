//! Tasks that wait for room, first come first served.

use std::collections::BTreeMap;
use std::task::Waker;

/// A waiting task's place in a [`Queue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// Wakers in the order in which their tasks began to wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: BTreeMap<Place, Waker>,
    next: u64,
}

impl Queue {
    /// True when the holder of `place`, or a newcomer, is next.
    pub(super) fn is_next(&self, place: Option<Place>) -> bool {
        match (self.waiting.first_key_value(), place) {
            (None, _) => true,
            (Some((first, _)), Some(place)) => place <= *first,
            (Some(_), None) => false,
        }
    }

    /// Waits at `place`, or at the end.
    pub(super) fn wait(&mut self, place: Option<Place>, waker: &Waker) -> Place {
        let place = place.unwrap_or_else(|| {
            self.next += 1;
            Place(self.next)
        });
        self.waiting.insert(place, waker.clone());
        place
    }

    /// Gives a place up.
    pub(super) fn leave(&mut self, place: Place) {
        self.waiting.remove(&place);
    }

    /// The task that is next; it keeps its place until it leaves.
    pub(super) fn first(&self) -> Option<Waker> {
        self.waiting
            .first_key_value()
            .map(|(_, waker)| waker.clone())
    }

    /// Empties the queue.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Waker> {
        std::mem::take(&mut self.waiting).into_values()
    }
}

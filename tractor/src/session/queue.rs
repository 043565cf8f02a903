//! Tasks that wait for room, first come first served.

use std::collections::{BTreeMap, BTreeSet};
use std::task::Waker;

/// A waiting task's place in a [`Queue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

/// Wakers in the order in which their tasks began to wait.
///
/// A task whose turn it is gets *called*, which means woken. It keeps its place, but not its
/// precedence: a future that is alive and not polled, because its task waits for something else,
/// may hold nobody up who could go on.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: BTreeMap<Place, Waker>,
    /// The places that were not called since they last found no room.
    uncalled: BTreeSet<Place>,
    next: u64,
}

impl Queue {
    /// True when nobody who was not called yet is before `place`, or before a newcomer.
    #[inline]
    pub(super) fn is_next(&self, place: Option<Place>) -> bool {
        match (self.uncalled.first(), place) {
            (None, _) => true,
            (Some(first), Some(place)) => place <= *first,
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
        self.uncalled.insert(place);
        place
    }

    /// Gives a place up.
    pub(super) fn leave(&mut self, place: Place) {
        self.waiting.remove(&place);
        self.uncalled.remove(&place);
    }

    /// Calls the first task that was not called yet.
    #[inline]
    pub(super) fn call(&mut self) -> Option<Waker> {
        let place = self.uncalled.pop_first()?;
        self.waiting.get(&place).cloned()
    }

    /// Empties the queue.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Waker> {
        self.uncalled.clear();
        std::mem::take(&mut self.waiting).into_values()
    }
}

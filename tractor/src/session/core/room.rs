//! Who waits for room for a frame.

use std::task::{Poll, Waker};

use super::Core;
use crate::session::queue::{Place, Queue};

/// Above this many unwritten bytes nobody adds a frame; one frame may go beyond (B1).
pub(super) const HIGH_WATER: usize = 256 << 10;

/// Whether there is room for a frame, or who waits for it.
type Room = Poll<()>;

impl Core {
    /// Makes room for one more call; `place` keeps the caller's turn between polls.
    #[inline]
    pub(in crate::session) fn poll_call(
        &mut self,
        place: &mut Option<Place>,
        waker: &Waker,
    ) -> Room {
        let free = self.has_room_for_a_call() || !self.is_open();
        poll_turn(&mut self.callers, free, place, waker)
    }

    /// Makes room for one more answer.
    #[inline]
    pub(in crate::session) fn poll_answer(
        &mut self,
        place: &mut Option<Place>,
        waker: &Waker,
    ) -> Room {
        let free = self.has_room() || self.closed.is_some();
        poll_turn(&mut self.answerers, free, place, waker)
    }

    /// Gives up a turn that was not used.
    pub(in crate::session) fn leave_callers(&mut self, place: Place) -> Option<Waker> {
        self.callers.leave(place);
        self.next_caller()
    }

    /// Gives up a turn that was not used.
    pub(in crate::session) fn leave_answerers(&mut self, place: Place) -> Option<Waker> {
        self.answerers.leave(place);
        self.next_answerer()
    }

    /// The caller whose turn it is, if there is room for it.
    #[inline]
    pub(in crate::session) fn next_caller(&mut self) -> Option<Waker> {
        let room = self.has_room_for_a_call();
        room.then(|| self.callers.call()).flatten()
    }

    /// The answerer whose turn it is, if there is room for it.
    #[inline]
    pub(in crate::session) fn next_answerer(&mut self) -> Option<Waker> {
        let room = self.has_room();
        room.then(|| self.answerers.call()).flatten()
    }

    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.outbound.len() < HIGH_WATER
    }

    #[inline]
    fn has_room_for_a_call(&self) -> bool {
        self.has_room() && self.in_flight.len() < self.limits.in_flight
    }
}

#[inline]
fn poll_turn(queue: &mut Queue, free: bool, place: &mut Option<Place>, waker: &Waker) -> Room {
    if free && queue.is_next(*place) {
        if let Some(place) = place.take() {
            queue.leave(place);
        }
        return Poll::Ready(());
    }
    *place = Some(queue.wait(*place, waker));
    Poll::Pending
}

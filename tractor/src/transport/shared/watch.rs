//! What an end of a ring does while it has nothing to do.
//!
//! It [looks](Looks) for a while, and then it sleeps. While it looks, and while it works, it is awake:
//! its peer need not ring the bell. In a [crowd](crowd) it lets others have the processor.

use std::hint;
use std::task::Context;
use std::time::Instant;

use super::header::End;
use super::ring::Ring;
use crate::transport::crowd::{self, Counted, give_way, is_crowd, is_elsewhere, processor};
use crate::transport::look::Looks;

/// How often is looked before other tasks have their turn: a fraction of a microsecond, in which most
/// answers come.
const LOOKS: u32 = 8;

/// What one end of a ring waits for.
#[derive(Debug)]
pub(super) struct Watch {
    ring: Ring,
    end: End,
    looks: Looks,
    around: Around,
    /// Nobody wakes its task but the bell.
    asleep: bool,
}

/// What becomes of an end that has nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// It has.
    Over,
    /// Its task has its next turn soon.
    Looks,
    /// It sleeps: whatever comes from now on, the bell is rung for.
    Sleeps,
}

/// Where the two ends of a link tell each other what is around them: in front of one of its rings, so
/// that it is found whichever of them an end waits for.
#[derive(Debug, Clone)]
pub(super) struct Place {
    ring: Ring,
    end: End,
}

impl Place {
    /// As `end` of the ring for which both have agreed on that.
    pub(super) fn new(ring: Ring, end: End) -> Self {
        Self { ring, end }
    }
}

impl Watch {
    pub(super) fn new(ring: Ring, end: End, place: Place) -> Self {
        let counted = (end == End::Reader).then(Counted::default);
        Self {
            ring,
            end,
            looks: Looks::new(),
            around: Around { place, counted },
            asleep: false,
        }
    }

    /// There was something to do.
    pub(super) fn works(&mut self) {
        self.looks.succeed();
        self.wake_up();
    }

    /// There is nothing to do: the peer is where it was `seen`.
    pub(super) fn wait(&mut self, seen: u64, cx: &mut Context<'_>) -> Wait {
        if !self.looks.are_under_way() {
            let now = Instant::now();
            self.around.tell(now);
            if is_elsewhere() || !self.looks.begin(now) {
                return self.sleep(seen);
            }
            self.wake_up();
        }
        for _ in 0..LOOKS {
            if self.has_come(seen) {
                return Wait::Over;
            }
            hint::spin_loop();
        }
        let around = &mut self.around;
        let is_taken = |now| is_elsewhere() || around.is_crowded(now) && give_way(now);
        match self.looks.go_on(cx, is_taken) {
            true => Wait::Looks,
            false => self.sleep(seen),
        }
    }

    fn sleep(&mut self, seen: u64) -> Wait {
        self.asleep = true;
        self.ring.header().falls_asleep(self.end);
        match self.has_come(seen) {
            true => Wait::Over,
            false => Wait::Sleeps,
        }
    }

    fn wake_up(&mut self) {
        if std::mem::take(&mut self.asleep) {
            self.ring.header().wakes_up(self.end);
        }
    }

    fn has_come(&self, seen: u64) -> bool {
        self.ring.header().peer(self.end) != seen
    }
}

/// What is around an end, and around its peer.
#[derive(Debug)]
struct Around {
    place: Place,
    /// Of the two watches of a link, one counts it.
    counted: Option<Counted>,
}

impl Around {
    /// Tells the peer how many actors are at work here, and on which processor; gives the same.
    fn tell(&mut self, now: Instant) -> (u32, u32) {
        let actors = match &mut self.counted {
            Some(counted) => counted.actors(now),
            None => crowd::actors(now),
        };
        let processor = processor();
        let Place { ring, end } = &self.place;
        ring.header().tell_around(*end, actors, processor);
        (actors, processor)
    }

    /// Whether more actors are at work than there are processors, or the peer is on this one.
    fn is_crowded(&mut self, now: Instant) -> bool {
        let (actors, processor) = self.tell(now);
        let Place { ring, end } = &self.place;
        let (around, there) = ring.header().around_peer(*end);
        is_crowd(actors.max(around)) || there == processor && there > 0
    }
}

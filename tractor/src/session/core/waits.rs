//! Two ends of a stream that both wait to send: who waits, who knows, and when it is a deadlock.
//!
//! ```text
//!      here                                   there
//!      waits alone  ────── Starved(Alone) ──▶
//!                   ◀───── Starved(Alone) ──  waits alone, and has seen that both do:
//!                   ◀─ Starved(Deadlocked) ─  asks
//!      still waits: fails
//!                   ── Starved(Deadlocked) ─▶ fails
//! ```
//!
//! Each end tells what it waits for, and neither can know what is on its way. So an end that sees
//! both wait alone asks the other, and says how much it has heard by then. That one agrees if it still
//! waits and has said no more than that: what is not on its way can change nothing. What it has not
//! agreed to, it is asked again when there is news. An end that waits while somebody beside it may
//! read (*shared*) is never failed, only warned of.

use std::task::Waker;

use super::Core;
use crate::session::outbound::Waits;
use crate::session::streams::StreamKey;
use crate::wire::{Kind, StreamId, Wait};

/// Both ends of a stream wait to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct Standstill {
    pub(in crate::session) function: &'static str,
}

impl Core {
    /// Whoever waited to send does no more.
    pub(in crate::session) fn waits_no_more(&mut self, key: StreamKey) {
        if let Some(stream) = self.streams.get(key) {
            stream.outbound.waits.here = Wait::No;
            self.tell_waits(key);
        }
    }

    /// Both ends of a stream wait to send, which was not told before.
    #[inline]
    pub(in crate::session) fn standstill(&mut self) -> Option<Standstill> {
        self.standstill.take()
    }

    /// Whoever waits to send has got credit, which may be enough.
    pub(super) fn waits_anew(&mut self, key: StreamKey) {
        let Some(stream) = self.streams.get(key) else {
            return;
        };
        let goes_on = stream.outbound.can_go_on();
        let waits = &mut stream.outbound.waits;
        // What both have agreed on, both are told: also when the other one was told first, and reads.
        if !waits.deadlocked {
            if goes_on {
                waits.here = Wait::No;
            }
            waits.ask_again();
            self.tell_waits(key);
        }
    }

    /// What the peer says that it waits for, and that it has heard so much.
    pub(super) fn peer_waits(&mut self, key: StreamKey, wait: Wait, heard: u64) -> Option<Waker> {
        let stream = self.streams.get(key)?;
        let waits = &mut stream.outbound.waits;
        if wait != Wait::Deadlocked {
            waits.there = wait;
            waits.ask_again();
            self.tell_waits(key);
            return None;
        }
        if waits.here != Wait::Alone || waits.said != heard || waits.deadlocked {
            // It waits no more, and has said so; or something is on its way; or it knows.
            return None;
        }
        waits.deadlocked = true;
        waits.ask_again();
        let writer = stream.outbound.writer.take();
        self.tell_deadlock(key);
        writer
    }

    /// Tells the peer what this end waits for, and finds out whether both wait for each other.
    pub(super) fn tell_waits(&mut self, key: StreamKey) {
        let Some(stream) = self.streams.get(key) else {
            return;
        };
        let (id, heard) = (stream.outgoing(), stream.outbound.waits.heard);
        let function = stream.function;
        let waits = &mut stream.outbound.waits;
        let (here, there) = (waits.here, waits.there);
        if here == Wait::No {
            waits.deadlocked = false;
        }
        let known = match waits.told {
            Wait::Deadlocked => Wait::Alone,
            other => other,
        };
        let tell = known != here;
        if tell {
            waits.told = here;
        }
        let stuck = here != Wait::No && there != Wait::No;
        if stuck && !(here == Wait::Alone && there == Wait::Alone) && !waits.warned {
            waits.warned = true;
            self.standstill = Some(Standstill { function });
        }
        if tell {
            self.say_waits(id, here, heard);
        }
        if here == Wait::Alone && there == Wait::Alone {
            self.tell_deadlock(key);
        }
    }

    fn tell_deadlock(&mut self, key: StreamKey) {
        if let Some(stream) = self.streams.get(key)
            && stream.outbound.waits.told != Wait::Deadlocked
        {
            stream.outbound.waits.told = Wait::Deadlocked;
            let (id, heard) = (stream.outgoing(), stream.outbound.waits.heard);
            self.say_waits(id, Wait::Deadlocked, heard);
        }
    }

    fn say_waits(&mut self, id: StreamId, wait: Wait, heard: u64) {
        self.control(Kind::Starved, |frame| {
            frame.stream(id);
            frame.byte(wait as u8);
            frame.count(heard);
        });
    }
}

impl Waits {
    /// Items or credit have arrived.
    pub(super) fn hear(&mut self, bytes: u64) {
        self.heard = self.heard.wrapping_add(bytes);
    }

    /// The other end has to be asked again whether it agrees: what it was told is out of date.
    fn ask_again(&mut self) {
        if self.told == Wait::Deadlocked {
            self.told = Wait::Alone;
        }
    }
}

//! Streams between two state machines, in any order of events, without I/O.

mod any_order;
mod deadlock;
mod hostile;
mod items;
mod side;
mod world;

use std::task::{Context, Waker};

use crate::session::core::Limits;

const LIMITS: Limits = Limits {
    in_flight: 8,
    frame: 128 << 10,
    window: 1024,
};

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

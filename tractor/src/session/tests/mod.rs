//! Whole conversations between two state machines, without I/O.

mod any_order;
mod calls;
mod hostile;

use crate::session::core::Limits;

const LIMITS: Limits = Limits {
    in_flight: 8,
    frame: 4096,
    window: 256,
};

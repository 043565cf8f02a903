//! One live link: the calls in flight on it, in both directions.
//!
//! ```text
//!  caller task ──encode──▶ Core.outbound ══batch══▶ Driver ──▶ carrier
//!  caller task ◀──wake──── Core.in_flight ◀═handle═ Driver ◀── carrier
//!                          Dispatch (the rpc layer) ◀┘
//! ```
//!
//! [`Core`] is the state machine: it has no I/O, no clock and no tokio, and whole conversations
//! are tested as ordinary functions. [`Link`] shares it between tasks; [`Driver`] is the one owner
//! of the bytes. Calls encode straight into the outbound buffer, on the calling task; the driver
//! takes the whole buffer at once and hands it to the kernel in one go.
//!
//! Invariants: every call resolves, by the event itself (C1); a dropped call is cancelled at the
//! peer, and its slot is held until the peer has acknowledged (C2); buffers, calls in flight and
//! frames are bounded (B1).

mod action;
mod batch;
mod core;
mod driver;
mod held;
mod holding;
mod in_flight;
mod inbound;
mod link;
mod outbound;
mod queue;
mod route;
mod stream;
mod streams;
mod traffic;

pub(crate) use self::action::Request;
pub(crate) use self::core::{Limits, StartError, Writable};
pub(crate) use self::driver::{Dispatch, Driver, Ended, Finish};
pub(crate) use self::held::{HeldEnds, Holds};
pub(crate) use self::holding::Holding;
pub(crate) use self::link::{Line, Link, Ticket};
pub(crate) use self::route::{Destination, Route};
pub(crate) use self::stream::{StreamHalves, StreamReader, StreamWriter};
pub(crate) use self::traffic::Traffic;

#[cfg(test)]
mod driver_tests;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;

//! `tracing` events: where they go, and how many of them.
//!
//! ```text
//!   actor   event ─▶ levels ─▶ lines ───────▶ stderr               LogTo::Own
//!                          └─▶ forward ─┐
//!                                       │ uplink                   LogTo::Root
//!                          └─▶ recent                              in debug mode
//!   root                      collect ◀─┘
//!                                └─▶ the root's subscriber, be it the program's own or lines
//! ```
//!
//! Nothing is installed unless somebody asks for it, and a subscriber that is there already stays.

mod callsites;
mod collect;
mod fields;
mod forward;
mod levels;
mod lines;
mod recent;
mod record;
mod start;

pub(crate) use self::fields::LineFields;
pub(crate) use self::levels::{check_filter, set_levels};
pub(crate) use self::recent::recent_events;
pub(crate) use self::start::{settings_below, start_log};

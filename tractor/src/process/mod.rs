//! Processes: starting them, being one, and what is left when they end.
//!
//! This layer reports facts, such as how a process ended; the scope layer decides what follows.

mod attributes;
mod command;
mod core;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod deadman;
mod group;
mod handoff;
mod ladder;
mod lifeline;
mod reap;
mod signals;
mod stdio;
mod usage;
mod window;

pub(crate) use self::attributes::Attributes;
pub(crate) use self::command::{Launch, Launched, explain};
pub(crate) use self::group::{end_group, end_orphaned_group, lead_group};
pub(crate) use self::handoff::{receive_spec, take_link};
pub(crate) use self::ladder::Ladder;
pub(crate) use self::lifeline::watch_lifeline;
pub(crate) use self::reap::Process;
pub(crate) use self::signals::{Interrupt, Interrupts, ignore_interrupts};
pub use self::stdio::Stdio;
pub(crate) use self::usage::{children, usage};
#[cfg(feature = "cli")]
pub(crate) use self::usage::{name, parent};
pub(crate) use self::window::Window;
#[cfg(feature = "cli")]
pub(crate) use self::window::{find_window, look_in};

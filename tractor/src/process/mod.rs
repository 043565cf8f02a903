//! Processes: starting them, being one, and what is left when they end.
//!
//! This layer reports facts, such as how a process ended; the scope layer decides what follows.

mod abstract_socket;
mod arrivals;
mod attributes;
mod command;
mod core;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod deadman;
mod group;
mod handoff;
mod interrupt;
mod ladder;
mod lifeline;
mod masked;
#[cfg(feature = "debug")]
mod native_debugger;
mod reap;
mod signals;
mod stdio;
mod terminal;
mod uplink;
mod usage;
mod window;

pub(crate) use self::attributes::Attributes;
pub(crate) use self::command::{Launch, Launched, explain};
pub(crate) use self::group::{end_group, end_orphaned_group, lead_group};
pub(crate) use self::handoff::{receive_spec, take_link};
pub(crate) use self::interrupt::Interrupt;
pub(crate) use self::ladder::Ladder;
pub(crate) use self::lifeline::watch_lifeline;
#[cfg(feature = "debug")]
pub(crate) use self::native_debugger::NativeDebugger;
pub(crate) use self::reap::Process;
pub(crate) use self::signals::{Interrupter, Interrupts, ignore_interrupts};
pub use self::stdio::Stdio;
pub(crate) use self::terminal::{
    Host, OpenDesk, Terminal, close_desks, give_up_terminal, is_desk_held, is_terminal_held,
    know_terminal, open_terminal, terminal_name,
};
pub(crate) use self::uplink::{LONGEST, Parcel, Uplink, flush_uplink, hear, open_uplink, uplink};
#[cfg(feature = "cli")]
pub(crate) use self::usage::parent;
pub(crate) use self::usage::{children, name, usage};
pub(crate) use self::window::Window;
#[cfg(feature = "cli")]
pub(crate) use self::window::{find_window, look_in};

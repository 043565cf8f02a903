//! Debug mode: an actor stops where it crashes, and there is a prompt in the one terminal of the tree.
//!
//! ```text
//!   panic hook ─┐                                     ┌─ prompt, where there is a terminal
//!   Err leaves ─┼─▶ Stopper ─▶ waits for its turn ─▶ ─┤
//!   pause()    ─┘                                     └─ the report, printed once
//! ```
//!
//! The thread that stops is blocked until the stop is over, and with it, by default, the whole actor. The
//! prompt runs on a thread of its own: a panic of it must not be one in a panic hook. What somebody asks
//! there is asked on yet another one: it can panic, or wait for what the thread holds that has stopped.

mod ask;
mod pause;
#[cfg(feature = "debug")]
mod prompt;
mod report;
mod source;
mod spans;
mod stopper;

pub use self::pause::{pause, pause_sync};
pub(crate) use self::stopper::stop_at_crashes;

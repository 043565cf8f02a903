//! The two ways into a process: as the root of a tree, or as a child of it.

mod body;
mod child;
mod executor;
mod host;
pub(crate) mod inspect;
mod outcome;
mod root;

pub use self::outcome::Outcome;
pub use self::root::{main, run, run_daemon, test};

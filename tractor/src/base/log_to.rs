//! Whose subscriber gets the events of an actor.

use serde::{Deserialize, Serialize};

/// Whose subscriber gets the `tracing` events of an actor; see [`Config::log_to`].
///
/// [`Config::log_to`]: crate::Config::log_to
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LogTo {
    /// The actor's own, which writes them to its stderr.
    #[default]
    Own,
    /// The root's: its own, if it has installed one, and otherwise that which writes to its stderr.
    Root,
}

impl LogTo {
    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "own" => Some(Self::Own),
            "root" => Some(Self::Root),
            _ => None,
        }
    }
}

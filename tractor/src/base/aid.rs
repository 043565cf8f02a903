//! The identity of an actor.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::random;

/// Identifies one actor: one process of the tree, for as long as it lives.
///
/// Two actors never share an `Aid`, even when they share a name or, one after the other, a pid.
/// It prints as `root.worker_0[4242]`: the path of names from the root, then the pid.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Aid {
    path: Arc<str>,
    pid: u32,
    unique: u64,
}

impl Aid {
    /// The identity of this process under `path`; `unique` tells it from every other actor.
    pub(crate) fn of_this_process(path: &str, unique: u64) -> Self {
        Self::of_process(path, std::process::id(), unique)
    }

    /// The identity of the process `pid` under `path`.
    pub(crate) fn of_process(path: &str, pid: u32, unique: u64) -> Self {
        Self {
            path: path.into(),
            pid,
            unique,
        }
    }

    /// Names the actor within its spawner: the last part of [`path`](Self::path).
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// Names the actor within the tree, from the root down: `root.worker_0`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Replaces what a terminal would take for commands.
    #[cfg(feature = "cli")]
    pub(crate) fn make_printable(&mut self) {
        if self.path.contains(char::is_control) {
            self.path = self.path.replace(char::is_control, "\u{fffd}").into();
        }
    }

    /// The id of the actor's process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// A number that no other actor has.
    pub(crate) fn new_unique() -> u64 {
        random()
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.path, self.pid)
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

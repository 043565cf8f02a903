//! What a spawner and a new child tell each other before the session begins.

use serde::{Deserialize, Serialize};

use crate::base::{Aid, Config};

/// The version of everything in this layer; both ends run one image, so it never has to differ.
pub(crate) const VERSION: u16 = 1;

/// What the spawner tells the child first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// See [`VERSION`].
    pub(crate) version: u16,
    /// The spawner.
    pub(crate) parent: Aid,
    /// The child's path of names.
    pub(crate) path: String,
    /// The number that makes the child's `Aid` unique.
    pub(crate) unique: u64,
    /// The child's settings, complete.
    pub(crate) config: Config,
    /// True when the child's children are handed their stdout, too.
    pub(crate) hand_stdout_over: bool,
    /// True when the child leads a process group, which it takes along if it is orphaned.
    pub(crate) leads_group: bool,
    /// The paths of the modules the child exposes.
    pub(crate) modules: Vec<String>,
    /// How many processors the tree has: see `transport/crowd.rs`.
    pub(crate) processors: u32,
    /// Where the root hands the terminal out, in debug mode.
    pub(crate) terminal: Option<String>,
    /// Which spans there are, where the tree is traced.
    #[cfg(feature = "opentelemetry")]
    pub(crate) traced: Option<String>,
    /// What the descriptors are for that come along, in this order.
    pub(crate) handed: Vec<Handed>,
}

/// What a descriptor is for that is handed to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Handed {
    /// Its stdout.
    Stdout,
    /// The memory that it shares with its parent.
    Memory,
    /// Its way to the root, for log lines and spans.
    Uplink,
}

/// What the child answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Hello {
    /// It is ready for calls, and its pid is known at last.
    Ready(Aid),
    /// It cannot run; the text says why.
    Failed(String),
}

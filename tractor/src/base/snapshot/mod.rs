//! What a tree of actors does at one moment, as data.

mod show;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Aid;

/// What one actor does, and all below it; see [`snapshot`](crate::snapshot()).
///
/// Printed, it is a tree with a line for every actor, every call and every stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActorSnapshot {
    /// The path of names from the root: `root.worker_0`.
    pub path: String,
    /// The identity of its process; `None` while it has none that was ready for calls.
    pub aid: Option<Aid>,
    /// What it is up to.
    pub state: ActorState,
    /// How often it was started again.
    pub restarts: usize,
    /// What the kernel says of its process, while there is one.
    pub process: Option<ProcessSnapshot>,
    /// The calls that it works on, oldest first: those of functions that have awaited something.
    pub answering: Vec<CallSnapshot>,
    /// The calls that it waits for, oldest first.
    pub waiting: Vec<CallSnapshot>,
    /// The streams that it has an end of.
    pub streams: Vec<StreamSnapshot>,
    /// The actors that it has started, in that order.
    pub children: Vec<ActorSnapshot>,
}

/// What an actor is up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ActorState {
    /// It was started, and is not ready for calls.
    Starting,
    /// It answers.
    Running,
    /// It is being brought down.
    Ending,
    /// It has ended, and waits to be started again.
    Restarting,
    /// It did not answer in time: it is blocked, or stopped, or has too much to do. What it works on is
    /// not known then; what its parent waits for is in the parent's
    /// [`waiting`](ActorSnapshot::waiting), and the processes below it are those that the kernel knows.
    Unresponsive,
    /// It is below one that is unresponsive: there is no way to ask it.
    OutOfReach,
}

/// A call on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallSnapshot {
    /// The path of the function.
    pub function: String,
    /// The actor at the other end.
    pub peer: Aid,
    /// The time since it was made, as the caller has it; the time since it arrived, as the callee has it.
    pub age: Duration,
    /// True when it was cancelled, and is not gone yet.
    pub cancelled: bool,
}

/// One end of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StreamSnapshot {
    /// The path of the function that was called.
    pub function: String,
    /// The actor at the other end.
    pub peer: Aid,
    /// Bytes of items that have arrived and that nobody has read.
    pub unread: usize,
    /// Bytes of items that wait to be sent, because the other end does not read.
    pub unsent: usize,
    /// Bytes of items that may be sent before the other end has to read.
    pub credit: usize,
}

/// What the kernel says of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProcessSnapshot {
    /// Its id.
    pub pid: u32,
    /// What the busiest of its threads does.
    pub state: ProcessState,
    /// The number of its threads.
    pub threads: usize,
    /// Its resident memory in bytes, with what it shares with others.
    pub memory: u64,
    /// The processor time that it has used, in user code and in the kernel.
    pub cpu: Duration,
    /// The time since it was started.
    pub age: Duration,
}

/// What a thread does; busy ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ProcessState {
    /// It has a processor, or waits for one.
    Running,
    /// It waits for something.
    Sleeping,
    /// It waits for a device, and cannot be interrupted.
    Blocked,
    /// It was stopped, by a signal or a debugger.
    Stopped,
    /// It has ended.
    Ended,
}

impl ActorSnapshot {
    /// Something of which no more is known than this.
    pub(crate) fn new(path: String, aid: Option<Aid>, state: ActorState) -> Self {
        Self {
            path,
            aid,
            state,
            restarts: 0,
            process: None,
            answering: Vec::new(),
            waiting: Vec::new(),
            streams: Vec::new(),
            children: Vec::new(),
        }
    }

    /// The actor with this path, be it this one or one below.
    pub fn find(&self, path: &str) -> Option<&Self> {
        self.iter().find(|actor| actor.path == path)
    }

    /// This actor and all below it: every actor before its children.
    pub fn iter(&self) -> impl Iterator<Item = &Self> {
        let mut next = vec![self];
        std::iter::from_fn(move || {
            let actor = next.pop()?;
            next.extend(actor.children.iter().rev());
            Some(actor)
        })
    }
}

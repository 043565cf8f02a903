//! What a tree of actors does at one moment, as data.

#[cfg(any(feature = "cli", feature = "debug"))]
mod fold;
mod show;

use std::cell::Cell;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::Aid;
use super::nesting::nested;

#[cfg(any(feature = "cli", feature = "debug"))]
pub(crate) use self::fold::fold;
pub(crate) use self::show::Style;
#[cfg(feature = "cli")]
pub(crate) use self::show::{Size, Span, branch};

/// What one actor does, and all below it; see [`snapshot`](crate::snapshot()).
///
/// Printed, it is a tree with a line for every actor, every call and every stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What the kernel says of its process, once that was ready for calls.
    pub process: Option<ProcessSnapshot>,
    /// The calls that it works on, oldest first: those of functions that have awaited something.
    pub answering: Vec<CallSnapshot>,
    /// The calls that it waits for, oldest first; but for those that wait for room on a link, or for an
    /// actor that is being restarted.
    pub waiting: Vec<CallSnapshot>,
    /// The streams that it has an end of.
    pub streams: Vec<StreamSnapshot>,
    /// The actors that it has started, in that order.
    #[serde(deserialize_with = "children")]
    pub children: Vec<ActorSnapshot>,
}

/// How many levels a tree has at most that can be shown.
pub(crate) const MAX_DEPTH: usize = 64;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn children<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ActorSnapshot>, D::Error> {
    nested(deserializer, &DEPTH, MAX_DEPTH, "actors")
}

/// What an actor is up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ActorState {
    /// It was started for the first time, and is not ready for calls.
    Starting,
    /// It answers.
    Running,
    /// It is being brought down, or has just died. It says no more of what it works on.
    Ending,
    /// It has ended, and is started again, perhaps after a while.
    Restarting,
    /// It did not answer in time: it is blocked, or stopped, or has too much to do, or so many calls are
    /// on their way to it that there is no room for a question. What it works on is not known then; what
    /// its parent waits for is in the parent's [`waiting`](ActorSnapshot::waiting), and the processes below
    /// it are those that the kernel knows.
    Unresponsive,
    /// A process below one that does not answer, be it an actor or not: there is no way to ask it.
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
    /// The time since it was sent, as the caller has it; since its function has first awaited something,
    /// as the callee has it.
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
    /// An item was asked for, and has not come.
    pub reading: bool,
    /// Bytes of items that have arrived, and that nobody has begun to read.
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
    /// It waits for a device, and cannot be interrupted.
    Blocked,
    /// It waits for something.
    Sleeping,
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

    /// Names the actor within its spawner: the last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// The actor with this path, be it this one or one below.
    pub fn find(&self, path: &str) -> Option<&Self> {
        self.iter().find(|actor| actor.path == path)
    }

    /// This actor and all below it, every actor before its children.
    pub fn iter(&self) -> impl Iterator<Item = &Self> {
        let mut next = vec![self];
        std::iter::from_fn(move || {
            let actor = next.pop()?;
            next.extend(actor.children.iter().rev());
            Some(actor)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ActorSnapshot, ActorState, MAX_DEPTH, ProcessState};

    fn decoded(levels: usize) -> postcard::Result<ActorSnapshot> {
        let actor = || ActorSnapshot::new("a".to_owned(), None, ActorState::Running);
        let tree = (1..levels).fold(actor(), |below, _| {
            let mut above = actor();
            above.children.push(below);
            above
        });
        let bytes = postcard::to_stdvec(&tree).expect("it can be encoded");
        postcard::from_bytes(&bytes)
    }

    #[test]
    fn tree_that_is_too_deep_is_refused() {
        let tree = decoded(MAX_DEPTH).expect("it is not too deep");
        assert_eq!(tree.iter().count(), MAX_DEPTH);
        assert!(decoded(MAX_DEPTH + 1).is_err());
        decoded(2).expect("what was refused before changes nothing");
    }

    #[test]
    fn busiest_thread_speaks_for_its_process() {
        use ProcessState::{Blocked, Ended, Running, Sleeping, Stopped};
        for order in [Running, Blocked, Sleeping, Stopped, Ended].windows(2) {
            assert!(order[0] < order[1], "{order:?}");
        }
    }
}

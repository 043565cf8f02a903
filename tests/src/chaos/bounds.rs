//! How long things may take in a run, and how often they may happen.

use std::time::Duration;

/// The shortest delay before the first restart of an actor is half of this.
pub const BACKOFF: Duration = Duration::from_millis(40);

/// The longest delay before a restart.
pub const LONGEST_BACKOFF: Duration = Duration::from_millis(80);

/// The restarts that a scope may have.
pub const MAX_RESTARTS: usize = 3;

/// What an actor has for each rung of the ladder.
pub const RUNG: Duration = Duration::from_millis(150);

/// How long a body waits at most for calls that end by themselves.
pub const OWED: Duration = Duration::from_secs(20);

/// The bytes of items that may be under way in one direction of a stream: few, so that senders wait.
pub const WINDOW: usize = 32 << 10;

/// What a process may outlive its parent by. A second is promised; the machine may be busy.
pub const ORPHANED: Duration = Duration::from_secs(5);

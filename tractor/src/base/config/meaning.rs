//! What settings come to, with the defaults of what is not set.

use std::time::Duration;

use super::super::{LogTo, Transport};
use super::Config;

impl Config {
    pub(crate) fn root_name(&self) -> &str {
        self.name.as_deref().unwrap_or("root")
    }

    pub(crate) fn log_filter(&self) -> Option<&str> {
        self.log_level.as_deref()
    }

    pub(crate) fn logs_to(&self) -> LogTo {
        self.log_to.unwrap_or_default()
    }

    pub(crate) fn threads(&self) -> usize {
        self.worker_threads.unwrap_or(1)
    }

    pub(crate) fn child_env(&self) -> &[(String, String)] {
        &self.env
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts {
            cancel: self.cancel_timeout.unwrap_or(Duration::from_millis(500)),
            kill: self.kill_timeout.unwrap_or(Duration::from_millis(1600)),
        }
    }

    pub(crate) fn in_flight_limit(&self) -> usize {
        self.max_in_flight.unwrap_or(16_384)
    }

    pub(crate) fn frame_limit(&self) -> usize {
        self.max_frame.unwrap_or(128 << 20)
    }

    pub(crate) fn window(&self) -> usize {
        self.stream_window.unwrap_or(128 << 10)
    }

    /// True when the root lets others look into its tree.
    pub(crate) fn lets_look_in(&self) -> bool {
        self.inspect.unwrap_or(cfg!(debug_assertions))
    }

    /// True when an actor stops where it crashes.
    pub(crate) fn is_debugged(&self) -> bool {
        self.debug_mode.unwrap_or(false)
    }

    /// True when output is kept while somebody is at a prompt, if there can be one.
    pub(crate) fn holds_output(&self) -> bool {
        self.debug_hold.unwrap_or(true)
    }

    /// True of an error's type that is none to stop for.
    pub(crate) fn ignores(&self, type_name: &str) -> bool {
        let is_end = |of: &String| {
            let before = type_name.strip_suffix(of.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with("::"))
        };
        self.debug_ignore.iter().any(is_end)
    }

    /// What carries the bytes to a child with these settings.
    pub(crate) fn carried_by(&self) -> Transport {
        self.transport.unwrap_or_default()
    }
}

/// How long the ladder waits on its rungs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// From the cancel request to its acknowledgement.
    pub(crate) cancel: Duration,
    /// From the acknowledgement to `SIGTERM`, and from there to `SIGKILL`.
    pub(crate) kill: Duration,
}

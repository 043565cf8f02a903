//! The settings of an actor.

mod check;
mod environment;
mod meaning;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::meaning::Timeouts;
use super::{LogTo, Transport};

/// Settings of an actor and, unless they say otherwise, of the actors below it.
///
/// What is not set is inherited from the spawner; the root falls back to the defaults given at
/// each method. An environment variable beats what the code says.
///
/// ```
/// # use std::time::Duration;
/// let config = tractor::Config::new()
///     .log_level("info")
///     .cancel_timeout(Duration::from_secs(2));
/// # let _ = config;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Config {
    name: Option<String>,
    log_level: Option<String>,
    log_to: Option<LogTo>,
    worker_threads: Option<usize>,
    env: Vec<(String, String)>,
    cancel_timeout: Option<Duration>,
    kill_timeout: Option<Duration>,
    max_in_flight: Option<usize>,
    max_frame: Option<usize>,
    stream_window: Option<usize>,
    transport: Option<Transport>,
    inspect: Option<bool>,
    debug_mode: Option<bool>,
    debug_hold: Option<bool>,
    debug_ignore: Vec<String>,
}

impl Config {
    /// Settings that leave everything as the spawner has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the root actor; `root` by default. Has no effect on children.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Writes `tracing` events to stderr, filtered like `info` or `tractor=debug,my_app=trace`.
    ///
    /// By default nothing is written, and nothing installed but [in debug mode](Self::debug_mode).
    /// `TRACTOR_LOG` overrides it.
    #[must_use]
    pub fn log_level(mut self, filter: impl Into<String>) -> Self {
        self.log_level = Some(filter.into());
        self
    }

    /// Whose subscriber gets the `tracing` events; by default the actor's own.
    ///
    /// With [`LogTo::Root`], which is set at the root or on one of its children, the events of an actor and
    /// of those below it are sent to the root, and handed to the subscriber there: each as it was recorded,
    /// of the same level, target and fields, and with `actor.name`, `actor.pid` and, if there were spans
    /// around it, `actor.spans` besides. What an actor has sent arrives even if it is killed; where the root
    /// cannot keep up, actors wait. Where no `log_level` is set, actors send what the root's subscriber
    /// is interested in when they start. See [logs](crate::guide::logs).
    ///
    /// `TRACTOR_LOG_TO`, which is `own` or `root`, overrides it.
    #[must_use]
    pub fn log_to(mut self, log_to: LogTo) -> Self {
        self.log_to = Some(log_to);
        self
    }

    /// Threads that run an actor's tasks; 1 by default: one actor, one thread.
    ///
    /// `TRACTOR_WORKER_THREADS` overrides it.
    #[must_use]
    pub fn worker_threads(mut self, threads: usize) -> Self {
        self.worker_threads = Some(threads);
        self
    }

    /// Sets an environment variable in children.
    #[must_use]
    pub fn env(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Sets several environment variables in children.
    #[must_use]
    pub fn env_all<K: Into<String>, V: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.env
            .extend(pairs.into_iter().map(|(k, v)| (k.into(), v.into())));
        self
    }

    /// The longest time until a cancel request has to be acknowledged; 0.5 s by default.
    ///
    /// After that the ladder goes on to `SIGTERM`. `TRACTOR_CANCEL_TIMEOUT`, in seconds,
    /// overrides it.
    #[must_use]
    pub fn cancel_timeout(mut self, timeout: Duration) -> Self {
        self.cancel_timeout = Some(timeout);
        self
    }

    /// The longest time from one later rung of the ladder to the next; 1.6 s by default.
    ///
    /// It bounds the time from an acknowledged cancel to `SIGTERM`, and from `SIGTERM` to
    /// `SIGKILL`. `TRACTOR_KILL_TIMEOUT`, in seconds, overrides it.
    #[must_use]
    pub fn kill_timeout(mut self, timeout: Duration) -> Self {
        self.kill_timeout = Some(timeout);
        self
    }

    /// The most calls in flight on one link; 16,384 by default. A further call waits its turn.
    #[must_use]
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.max_in_flight = Some(calls);
        self
    }

    /// The largest encoded message in bytes; 128 MiB by default, at most 1 GiB.
    ///
    /// A call whose arguments or result exceed it fails with [`Error::Codec`](crate::Error).
    #[must_use]
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.max_frame = Some(bytes);
        self
    }

    /// The bytes of items that a stream may have under way, in each direction; 128 KiB by default.
    ///
    /// A sender that is so far ahead of its reader waits: see [`Overrun`](crate::Overrun). At most
    /// twice as much lies in the memory of the reader, and one item more where items are larger.
    #[must_use]
    pub fn stream_window(mut self, bytes: usize) -> Self {
        self.stream_window = Some(bytes);
        self
    }

    /// What carries the bytes between a parent and a child; shared memory by default.
    ///
    /// It concerns the children that are started with these settings. `TRACTOR_TRANSPORT`, which is
    /// `shared-memory` or `socket`, overrides it.
    #[must_use]
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Lets the `tractor` command look into the tree; by default in programs that are built with debug
    /// assertions. Has no effect on children.
    ///
    /// The root then listens on a Unix socket with an abstract name, and hangs up on everybody but the
    /// user of this process and the superuser; see [hangs](crate::guide::hangs). `TRACTOR_INSPECT`, which
    /// is `1` or `0`, overrides it.
    #[must_use]
    pub fn inspect(mut self, inspect: bool) -> Self {
        self.inspect = Some(inspect);
        self
    }

    /// Stops an actor where it crashes, and gives a prompt there; off by default.
    ///
    /// See [crashes](crate::guide::crashes). `TRACTOR_DEBUG`, which is `1` or `0`, overrides it.
    #[must_use]
    pub fn debug_mode(mut self, on: bool) -> Self {
        self.debug_mode = Some(on);
        self
    }

    /// Keeps what the tree writes while somebody is at a prompt, until the prompt is over; on by default, and
    /// without effect where [`debug_mode`](Self::debug_mode) is off.
    ///
    /// Stdout and stderr of the root, where they are its terminal, are then a pseudo-terminal like it, from the
    /// first actor on that is in debug mode. See [what is held](crate::guide::crashes#what-is-held).
    /// `TRACTOR_DEBUG_HOLD`, which is `1` or `0`, overrides it.
    #[must_use]
    pub fn debug_hold(mut self, on: bool) -> Self {
        self.debug_hold = Some(on);
        self
    }

    /// Does not stop for errors of this type, which is named by its path, or the end of that: `NotFound`,
    /// `io::error::Error`.
    ///
    /// Panics stop nevertheless, and cancellations never do.
    #[must_use]
    pub fn debug_ignore(mut self, type_name: impl Into<String>) -> Self {
        self.debug_ignore.push(type_name.into());
        self
    }

    /// These settings, with what `over` sets put over them.
    pub(crate) fn overlaid(&self, over: &Self) -> Self {
        Self {
            name: over.name.clone().or_else(|| self.name.clone()),
            log_level: over.log_level.clone().or_else(|| self.log_level.clone()),
            log_to: over.log_to.or(self.log_to),
            worker_threads: over.worker_threads.or(self.worker_threads),
            env: self.env.iter().chain(&over.env).cloned().collect(),
            cancel_timeout: over.cancel_timeout.or(self.cancel_timeout),
            kill_timeout: over.kill_timeout.or(self.kill_timeout),
            max_in_flight: over.max_in_flight.or(self.max_in_flight),
            max_frame: over.max_frame.or(self.max_frame),
            stream_window: over.stream_window.or(self.stream_window),
            transport: over.transport.or(self.transport),
            inspect: over.inspect.or(self.inspect),
            debug_mode: over.debug_mode.or(self.debug_mode),
            debug_hold: over.debug_hold.or(self.debug_hold),
            debug_ignore: [&*self.debug_ignore, &over.debug_ignore].concat(),
        }
    }
}

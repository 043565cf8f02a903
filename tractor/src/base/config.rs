//! The settings of an actor.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConfigError, LogTo, Result, Transport};

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

    /// Keeps what the tree writes while somebody is at a prompt, until the prompt is over; on by default. Has no
    /// effect on children, nor without [`debug_mode`](Self::debug_mode).
    ///
    /// Stdout and stderr of the root, where they are its terminal, are then a pseudo-terminal like it. See
    /// [what is held](crate::guide::crashes#what-is-held). `TRACTOR_DEBUG_HOLD`, which is `1` or `0`, overrides it.
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

    /// What the environment variables of this process say.
    ///
    /// # Errors
    ///
    /// Names the variable that cannot be read, and what it should hold.
    pub(crate) fn from_env() -> Result<Self> {
        Ok(Self {
            log_level: env_var("TRACTOR_LOG")?,
            log_to: env_parsed("TRACTOR_LOG_TO", "`own` or `root`", LogTo::named)?,
            worker_threads: env_parsed("TRACTOR_WORKER_THREADS", "a number of threads", |text| {
                text.parse().ok().filter(|threads| *threads > 0)
            })?,
            cancel_timeout: env_parsed("TRACTOR_CANCEL_TIMEOUT", "seconds", seconds)?,
            kill_timeout: env_parsed("TRACTOR_KILL_TIMEOUT", "seconds", seconds)?,
            transport: env_parsed(
                "TRACTOR_TRANSPORT",
                "`shared-memory` or `socket`",
                Transport::named,
            )?,
            inspect: env_parsed("TRACTOR_INSPECT", "`1` or `0`", switch)?,
            debug_mode: env_parsed("TRACTOR_DEBUG", "`1` or `0`", switch)?,
            debug_hold: env_parsed("TRACTOR_DEBUG_HOLD", "`1` or `0`", switch)?,
            ..Self::default()
        })
    }

    /// Refuses values that no actor can run with.
    pub(crate) fn check(&self) -> Result<()> {
        if self.worker_threads == Some(0) {
            return Err(
                ConfigError::new("`worker_threads` is 0; an actor needs at least 1").into(),
            );
        }
        if self.max_in_flight == Some(0) {
            return Err(ConfigError::new("`max_in_flight` is 0; no call could ever start").into());
        }
        if self.in_flight_limit() > MAX_IN_FLIGHT {
            let message = format!(
                "`max_in_flight` is {}; it has to be at most {MAX_IN_FLIGHT}",
                self.in_flight_limit(),
            );
            return Err(ConfigError::new(message).into());
        }
        if !MAX_FRAME_RANGE.contains(&self.frame_limit()) {
            let message = format!(
                "`max_frame` is {} bytes; it has to be between {} and {}",
                self.frame_limit(),
                MAX_FRAME_RANGE.start(),
                MAX_FRAME_RANGE.end(),
            );
            return Err(ConfigError::new(message).into());
        }
        if !STREAM_WINDOW_RANGE.contains(&self.window()) {
            let message = format!(
                "`stream_window` is {} bytes; it has to be between {} and {}",
                self.window(),
                STREAM_WINDOW_RANGE.start(),
                STREAM_WINDOW_RANGE.end(),
            );
            return Err(ConfigError::new(message).into());
        }
        for (key, value) in &self.env {
            if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
                let message = format!(
                    "`{}` cannot name an environment variable",
                    key.escape_debug()
                );
                return Err(ConfigError::new(message).into());
            }
        }
        Ok(())
    }

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

/// Below it the runtime's own messages would not fit; above it a length is surely garbage.
const MAX_FRAME_RANGE: std::ops::RangeInclusive<usize> = (64 << 10)..=(1 << 30);

/// Below it every item would wait for the one before; above it nothing becomes quicker.
const STREAM_WINDOW_RANGE: std::ops::RangeInclusive<usize> = (1 << 10)..=(1 << 30);

/// More calls than this on one link are surely a mistake.
const MAX_IN_FLIGHT: usize = 1 << 24;

/// How long the ladder waits on its rungs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// From the cancel request to its acknowledgement.
    pub(crate) cancel: Duration,
    /// From the acknowledgement to `SIGTERM`, and from there to `SIGKILL`.
    pub(crate) kill: Duration,
}

fn env_var(key: &str) -> Result<Option<String>> {
    match std::env::var(key) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(ConfigError::new(format!("the environment variable {key} is not UTF-8")).into())
        }
    }
}

fn env_parsed<T>(
    key: &str,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>> {
    let Some(text) = env_var(key)? else {
        return Ok(None);
    };
    match parse(text.trim()) {
        Some(value) => Ok(Some(value)),
        None => Err(ConfigError::new(format!(
            "the environment variable {key} is `{text}`; it has to be {expected}"
        ))
        .into()),
    }
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

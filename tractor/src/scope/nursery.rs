//! An owner of actors of any kind.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::actor_builder::ActorBuilder;
use super::names::name_after;
use super::one_shot::OneShot;
use super::report::ExitReport;
use super::restart::{Restart, RestartPolicy};
use super::starting::Starting;
use super::supervision::Ending;
use super::supervisor::{Handle, open};
use crate::base::{Actor, Aid, Config, ConfigError, Error, LogTo, Result, Rung, try_current_actor};
use crate::rpc::allowlist::Nil;
use crate::rpc::{IntoCall, Modules, Portal, Rpc};

/// Opens a scope for actors of any kind.
///
/// See [`NurseryBuilder::scope`], which runs it, and [`Nursery`], which starts actors in it.
pub fn nursery() -> NurseryBuilder {
    NurseryBuilder::default()
}

/// Describes a nursery; made by [`nursery`], run by [`scope`](Self::scope).
#[derive(Debug, Clone, Default)]
#[must_use = "a nursery opens when its `scope` is awaited"]
pub struct NurseryBuilder {
    config: Config,
    hard_kill: bool,
    policy: RestartPolicy,
}

impl NurseryBuilder {
    /// Settings of the actors; what is not set is as in this actor.
    pub fn config(mut self, config: Config) -> Self {
        self.config = self.config.overlaid(&config);
        self
    }

    /// See [`Config::log_level`].
    pub fn log_level(self, filter: impl Into<String>) -> Self {
        self.config(Config::new().log_level(filter))
    }

    /// See [`Config::log_to`].
    pub fn log_to(self, log_to: LogTo) -> Self {
        self.config(Config::new().log_to(log_to))
    }

    /// See [`Config::worker_threads`].
    pub fn worker_threads(self, threads: usize) -> Self {
        self.config(Config::new().worker_threads(threads))
    }

    /// See [`Config::env`].
    pub fn env(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config(Config::new().env(key, value))
    }

    /// See [`Config::cancel_timeout`].
    pub fn cancel_timeout(self, timeout: Duration) -> Self {
        self.config(Config::new().cancel_timeout(timeout))
    }

    /// See [`Config::kill_timeout`].
    pub fn kill_timeout(self, timeout: Duration) -> Self {
        self.config(Config::new().kill_timeout(timeout))
    }

    /// Kills actors instead of asking them to end.
    pub fn hard_kill(mut self) -> Self {
        self.hard_kill = true;
        self
    }

    /// What happens when an actor ends that should not have; by default the scope fails.
    pub fn restart(mut self, strategy: Restart) -> Self {
        self.policy.strategy = strategy;
        self
    }

    /// The failures that are answered by a restart within
    /// [`restart_window`](Self::restart_window), 3 by default. One more, and the scope fails with
    /// it.
    pub fn max_restarts(mut self, restarts: usize) -> Self {
        self.policy.max = restarts;
        self
    }

    /// The time in which [`max_restarts`](Self::max_restarts) are counted, 5 s by default.
    pub fn restart_window(mut self, window: Duration) -> Self {
        self.policy.window = window;
        self
    }

    /// The delay before an actor's first restart and the longest one, 10 ms and 1 s by default.
    ///
    /// The delay doubles with each failure of the actor, and is shortened by up to a half at
    /// random, so that actors which failed together do not come back together. It is the first one
    /// again when the actor was up for longer than the [`restart_window`](Self::restart_window).
    /// Where delays add up to more than the window, `max_restarts` is never exceeded.
    pub fn restart_backoff(mut self, delays: RangeInclusive<Duration>) -> Self {
        self.policy.backoff = delays;
        self
    }

    /// Runs `body`, which starts actors, and returns when the last of them is dead and reaped.
    ///
    /// When `body` returns `Ok`, the scope waits for its one-shots, and then for its daemons, which
    /// have to be cancelled: by [`Portal::cancel_actor`] or [`Nursery::cancel`]. Daemons that keep
    /// it waiting are logged by name, as a warning. When `body` returns `Err` or panics, everything is cancelled.
    ///
    /// **One cancels all**, unless [`restart`](Self::restart) says otherwise: when an actor dies
    /// without being asked to, or the function of a one-shot fails, `body` is dropped at its next
    /// await, after it was polled once more, so that it can see its own calls fail. All other
    /// actors are cancelled at once, and the failure is what the scope returns, unless `body`
    /// had returned an error itself. What fails at the same time, or while the others are brought
    /// down, is collected in an [`Error::Group`]; that somebody was cancelled because of it is no
    /// failure. [`ExitReport::failures`] has them all.
    ///
    /// Where the result is not returned at once, the body has to say which error it means:
    /// `async |an| -> tractor::Result<u64> { .. }`.
    ///
    /// A scope that is opened in an actor that is being ended starts nothing and returns
    /// [`Cancelled`](Error::Cancelled).
    ///
    /// ```
    /// #[tractor::rpc]
    /// fn burn_cpu(rounds: u32) -> u64 {
    ///     (0..rounds).fold(1, |x, _| std::hint::black_box(x) * 3 % 1_000_003)
    /// }
    ///
    /// #[tractor::rpc]
    /// async fn movie_theatre_question() -> String {
    ///     "have you ever seen a portal?".into()
    /// }
    ///
    /// #[tractor::main]
    /// async fn main() -> tractor::Result<()> {
    ///     tractor::nursery()
    ///         .scope(async |an| {
    ///             let frank = an.start_actor("frank", tractor::modules![self]).await?;
    ///             let total = an.run_in_actor(burn_cpu(1000)).await?;
    ///             println!("{}", frank.run(movie_theatre_question).await?);
    ///             frank.cancel_actor().await?;
    ///             println!("{}", total.result().await?);
    ///             Ok(())
    ///         })
    ///         .await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What `body` returns; the failure of an actor; [`Config`](Error::Config) for settings that
    /// cannot be. Whatever was started is reaped by then (S1).
    ///
    /// # Panics
    ///
    /// Resumes a panic of `body`, after the teardown.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops `body` and tears the actors down in the background; this actor
    /// does not exit before they are reaped.
    pub async fn scope<T, E, B>(self, body: B) -> Result<T, E>
    where
        B: AsyncFnOnce(Nursery) -> Result<T, E>,
        E: From<Error>,
    {
        self.run(Ending::Linger, body).await
    }

    /// [`scope`](Self::scope) for a root that is there to wait for daemons.
    pub(crate) async fn hold<T, E, B>(self, body: B) -> Result<T, E>
    where
        B: AsyncFnOnce(Nursery) -> Result<T, E>,
        E: From<Error>,
    {
        self.run(Ending::Hold, body).await
    }

    /// [`scope`](Self::scope), where `ending` says what a clean end of the body means.
    pub(super) async fn run<T, E, B>(self, ending: Ending, body: B) -> Result<T, E>
    where
        B: AsyncFnOnce(Nursery) -> Result<T, E>,
        E: From<Error>,
    {
        let actor = try_current_actor().ok_or_else(|| {
            Error::from(ConfigError::new(
                "there is no actor to start others from: enter the runtime with \
                 #[tractor::main], #[tractor::test] or tractor::run first",
            ))
        })?;
        let config = actor.overridden(&actor.config().overlaid(&self.config));
        config.check()?;
        self.policy.check()?;
        let report = ExitReport::default();
        let (handle, supervision) = open(&actor, self.policy, report.clone());
        let nursery = Nursery {
            actor,
            config,
            hard_kill: self.hard_kill,
            handle,
            report,
        };
        // On the heap: what holds it moves it more than once, and scopes are nested.
        supervision.run(ending, Box::pin(body(nursery))).await
    }
}

/// Starts actors, for as long as its scope is open; handed to the body of
/// [`NurseryBuilder::scope`].
///
/// Clones start actors in the same scope. One that outlives the scope starts nothing.
#[derive(Clone)]
pub struct Nursery {
    pub(super) actor: Actor,
    pub(super) config: Config,
    pub(super) hard_kill: bool,
    pub(super) handle: Handle,
    report: ExitReport,
}

impl Nursery {
    /// Starts a daemon: an actor that answers calls until it is cancelled.
    ///
    /// Names need not be unique, [`Aid`]s are. See [`actor`](Self::actor) for more settings.
    ///
    /// # Errors
    ///
    /// [`Spawn`](Error::Spawn) when it cannot be started, [`Config`](Error::Config) for a name that
    /// cannot be one, or a module without functions; [`Cancelled`](Error::Cancelled) when the scope
    /// is being torn down.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, the actor is brought down.
    pub async fn start_actor<A>(
        &self,
        name: impl Into<String>,
        modules: Modules<A>,
    ) -> Result<Portal<A>> {
        self.actor(name).modules(modules).start().await
    }

    /// Starts a one-shot: an actor for a single call, which ends with it.
    ///
    /// It is named after the function, whose module is all that it exposes. When the function
    /// fails, the scope does. [`Starting`] tells how long it may take, [`actor`](Self::actor) has more
    /// settings.
    ///
    /// # Errors
    ///
    /// As of [`start_actor`](Self::start_actor), and [`Codec`](Error::Codec) for arguments that
    /// cannot be encoded. The function's own failure is told by [`OneShot::result`].
    pub fn run_in_actor<C, F>(&self, call: C) -> Starting<'_, OneShot<F>>
    where
        C: IntoCall<F>,
        F: Rpc,
    {
        self.actor(name_after(F::PATH)).run(call)
    }

    /// Describes an actor to be started, with settings of its own.
    pub fn actor(&self, name: impl Into<String>) -> ActorBuilder<'_, Nil> {
        ActorBuilder::new(self, name.into())
    }

    /// Starts the teardown of all actors, down the ladder from its first rung.
    ///
    /// The scope still waits for its body; calls to the actors fail from now on, and no more are
    /// started.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have asked for anything.
    pub async fn cancel(&self) {
        self.handle.bring_down(Rung::Cancel).await;
    }

    /// Kills all actors at once.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have asked for anything.
    pub async fn cancel_hard(&self) {
        self.handle.bring_down(Rung::Kill).await;
    }

    /// How the actors ended; it fills as they do, and may be read after the scope.
    pub fn report(&self) -> ExitReport {
        self.report.clone()
    }

    /// The actor that owns the nursery.
    pub fn spawner(&self) -> &Aid {
        self.actor.aid()
    }
}

impl fmt::Debug for Nursery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nursery({})", self.actor.aid())
    }
}

//! An actor that is about to be started.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::child::Child;
use super::names::check_name;
use super::nursery::Nursery;
use super::one_shot::OneShot;
use super::restart::RestartType;
use super::starting::Starting;
use super::supervisor::Started;
use crate::base::{Config, Result};
use crate::rpc::allowlist::{Listed, Nil};
use crate::rpc::{IntoCall, Modules, Portal, Rpc, registry};

/// Describes an actor to be started; made by [`Nursery::actor`].
///
/// `A` is its allowlist as a type.
///
/// ```no_run
/// # use std::time::Duration;
/// # mod svc { #[tractor::rpc] pub async fn serve() {} }
/// # async fn example(an: tractor::Nursery) -> tractor::Result<()> {
/// let odd = an
///     .actor("odd")
///     .modules(tractor::modules![svc])
///     .log_level("debug")
///     .env("KEY", "value")
///     .kill_timeout(Duration::from_secs(10))
///     .start()
///     .await?;
/// odd.run(svc::serve).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an actor starts when `start` or `run` is awaited"]
pub struct ActorBuilder<'a, A> {
    nursery: &'a Nursery,
    name: String,
    modules: &'static [Listed],
    config: Config,
    hard_kill: bool,
    restart: Option<RestartType>,
    list: PhantomData<fn() -> A>,
}

impl<'a> ActorBuilder<'a, Nil> {
    pub(super) fn new(nursery: &'a Nursery, name: String) -> Self {
        Self {
            nursery,
            name,
            modules: &[],
            config: Config::new(),
            hard_kill: nursery.hard_kill,
            restart: None,
            list: PhantomData,
        }
    }
}

impl<'a, A> ActorBuilder<'a, A> {
    /// The modules whose functions it answers; none by default.
    pub fn modules<B>(self, modules: Modules<B>) -> ActorBuilder<'a, B> {
        let Self {
            nursery,
            name,
            config,
            hard_kill,
            restart,
            ..
        } = self;
        ActorBuilder {
            nursery,
            name,
            modules: modules.listed(),
            config,
            hard_kill,
            restart,
            list: PhantomData,
        }
    }

    /// Several settings at once; what is not set is as in the nursery.
    pub fn config(mut self, config: Config) -> Self {
        self.config = self.config.overlaid(&config);
        self
    }

    /// See [`Config::log_level`].
    pub fn log_level(self, filter: impl Into<String>) -> Self {
        self.config(Config::new().log_level(filter))
    }

    /// See [`Config::env`].
    pub fn env(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config(Config::new().env(key, value))
    }

    /// See [`Config::worker_threads`].
    pub fn worker_threads(self, threads: usize) -> Self {
        self.config(Config::new().worker_threads(threads))
    }

    /// See [`Config::cancel_timeout`].
    pub fn cancel_timeout(self, timeout: Duration) -> Self {
        self.config(Config::new().cancel_timeout(timeout))
    }

    /// See [`Config::kill_timeout`].
    pub fn kill_timeout(self, timeout: Duration) -> Self {
        self.config(Config::new().kill_timeout(timeout))
    }

    /// Kills it instead of asking it to end.
    pub fn hard_kill(mut self) -> Self {
        self.hard_kill = true;
        self
    }

    /// When it is started again, in a nursery that [restarts](crate::Restart) actors.
    ///
    /// By default a daemon is [`Permanent`](RestartType::Permanent), a one-shot
    /// [`Transient`](RestartType::Transient).
    pub fn restart_type(mut self, restart: RestartType) -> Self {
        self.restart = Some(restart);
        self
    }

    /// Starts it as a daemon: it answers calls until it is cancelled.
    ///
    /// # Errors
    ///
    /// As of [`Nursery::start_actor`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, the actor is brought down.
    pub async fn start(self) -> Result<Portal<A>> {
        let nursery = self.nursery;
        let child = self.child(RestartType::Permanent)?;
        let Started { route, control } = nursery.handle.start(child).await?;
        Ok(Portal::new(route, control))
    }

    /// Starts it as a one-shot: for this call, with which it ends.
    ///
    /// The call's module needs not be listed.
    ///
    /// # Errors
    ///
    /// As of [`Nursery::run_in_actor`].
    pub fn run<C, F>(self, call: C) -> Starting<'a, OneShot<F>>
    where
        C: IntoCall<F>,
        F: Rpc,
    {
        let nursery = self.nursery;
        let child = self.child(RestartType::Transient);
        let job = OneShot::job(call.into_call());
        Starting::new(async move {
            let (mut child, (job, value)) = (child?, job?);
            if !child.modules.iter().any(|module| module == F::MODULE) {
                child.modules.push(F::MODULE.to_owned());
            }
            child.job = Some(job);
            let started = nursery.handle.start(child).await?;
            Ok(OneShot::new(started, value))
        })
    }

    fn child(self, restart: RestartType) -> Result<Child> {
        check_name(&self.name)?;
        let config = self.nursery.config.overlaid(&self.config);
        config.check()?;
        Ok(Child {
            name: self.name,
            modules: registry::resolve(self.modules)?,
            config,
            hard_kill: self.hard_kill,
            restart: self.restart.unwrap_or(restart),
            job: None,
        })
    }
}

impl<A> fmt::Debug for ActorBuilder<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorBuilder({})", self.name)
    }
}

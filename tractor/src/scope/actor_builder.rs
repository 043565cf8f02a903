//! An actor that is about to be started.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use super::draft::Draft;
use super::nursery::Nursery;
use super::one_shot::OneShot;
use super::restart::RestartType;
use super::starting::Starting;
use super::supervisor::Started;
use crate::base::{Config, LogTo, Result};
use crate::process::Stdio;
use crate::rpc::allowlist::Nil;
use crate::rpc::{Deadline, IntoCall, Modules, Portal, Rpc};

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
    draft: Draft<'a>,
    list: PhantomData<fn() -> A>,
}

impl<'a> ActorBuilder<'a, Nil> {
    pub(super) fn new(nursery: &'a Nursery, name: String) -> Self {
        Self {
            draft: Draft::new(nursery, name),
            list: PhantomData,
        }
    }
}

impl<'a, A> ActorBuilder<'a, A> {
    /// The modules whose functions it answers; none by default.
    pub fn modules<B>(self, modules: Modules<B>) -> ActorBuilder<'a, B> {
        let mut draft = self.draft;
        draft.modules = modules.listed();
        ActorBuilder {
            draft,
            list: PhantomData,
        }
    }

    /// The modules of *this* actor whose functions it may call, through
    /// [`parent_portal`](crate::parent_portal); none by default.
    ///
    /// What it has called runs here, in tasks beside the scope, and is dropped when it ends.
    pub fn serve<B>(mut self, modules: Modules<B>) -> Self {
        self.draft.served = modules.listed();
        self
    }

    /// Several settings at once; what is not set is as in the nursery.
    pub fn config(mut self, config: Config) -> Self {
        self.draft.config = self.draft.config.overlaid(&config);
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

    /// Starts it in this directory; by default in the spawner's.
    ///
    /// A relative path starts from the spawner's directory at the time of the start, and again of
    /// each restart. Actors and programs that it starts are there as well. A directory that cannot
    /// be entered makes the start fail with an [`Error::Spawn`](crate::Error::Spawn) that names it.
    pub fn cwd(mut self, path: impl Into<PathBuf>) -> Self {
        self.draft.attributes.cwd = Some(path.into());
        self
    }

    /// Sends its stdout elsewhere than to the spawner's: to nowhere, a file or a pipe.
    ///
    /// So goes what is written by the actors and programs that it starts, and by every process that
    /// it has if it is restarted. [`Stdio`] tells how long a file is held open. There is no such
    /// choice for stdin, which is `/dev/null`.
    ///
    /// ```no_run
    /// # use std::fs::File;
    /// # async fn example(an: tractor::Nursery) -> Result<(), Box<dyn std::error::Error>> {
    /// let log = tractor::Stdio::from(File::create("worker.log")?);
    /// let worker = an.actor("worker").stdout(log.clone()).stderr(log).start().await?;
    /// let silent = an.actor("silent").stdout(tractor::Stdio::null()).start().await?;
    /// # drop((worker, silent)); Ok(())
    /// # }
    /// ```
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.draft.attributes.stdout = stdout.into();
        self
    }

    /// Sends its stderr elsewhere than to the spawner's, and with it what
    /// [`log_level`](Self::log_level) lets through; see [`stdout`](Self::stdout).
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.draft.attributes.stderr = stderr.into();
        self
    }

    /// Gives it a process group of its own, which ends with it.
    ///
    /// A program that a handler starts, by [`std::process::Command`] for instance, is not an actor:
    /// nobody waits for it, and by default it may outlive the actor. With this option it is in the
    /// actor's group, as is everything below the actor, and whatever brings the actor down brings
    /// down the group:
    ///
    /// - `SIGTERM` and `SIGKILL` of the ladder go to the whole group. A cancel request goes to the
    ///   actor alone, which cancels its own actors as ever.
    /// - When the actor has ended, however it did, what is left of its group is killed before the
    ///   actor is reaped. There is no `SIGTERM` before that: a program that should end in another
    ///   way has to be ended by its handler.
    /// - An actor whose spawner is dead kills its group and itself.
    ///
    /// Out of reach are processes that have left the group: daemons, jobs of an interactive shell,
    /// actors with a group of their own, which end by themselves. Nor is anybody left to kill a
    /// group when the actor and its spawner are killed at the same time.
    ///
    /// The group is a background job of the terminal: Ctrl-C, which actors ignore anyway, and
    /// Ctrl-Z do not reach its programs, and one that reads from the terminal (stdin is
    /// `/dev/null`) is stopped.
    ///
    /// It costs a sleeping thread in the spawner. On other systems than Linux and FreeBSD the start
    /// fails with [`Error::Spawn`](crate::Error::Spawn).
    pub fn process_group(mut self) -> Self {
        self.draft.attributes.process_group = true;
        self
    }

    /// Pins all its threads to the core of this number, counted from 0 as the kernel does.
    ///
    /// Actors and programs that it starts are pinned there, too, unless they choose another core;
    /// and [`available_parallelism`](std::thread::available_parallelism), which is how many workers
    /// a cluster has by default, is 1. Nobody keeps others from that core.
    ///
    /// A core that is not there, or not for this process (the limit is its cpuset), makes the start
    /// fail with an [`Error::Spawn`](crate::Error::Spawn) that tells which are; so does any core on
    /// other systems than Linux.
    pub fn pin_to_core(mut self, core: usize) -> Self {
        self.draft.attributes.core = Some(core);
        self
    }

    /// Kills it instead of asking it to end.
    pub fn hard_kill(mut self) -> Self {
        self.draft.hard_kill = true;
        self
    }

    /// When it is started again, in a nursery that [restarts](crate::Restart) actors.
    ///
    /// By default a daemon is [`Permanent`](RestartType::Permanent), a one-shot
    /// [`Transient`](RestartType::Transient).
    pub fn restart_type(mut self, restart: RestartType) -> Self {
        self.draft.restart = Some(restart);
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
        let Started { route, control } = self.draft.start().await?;
        Ok(Portal::new(route, control))
    }

    /// Starts it as a one-shot: for this call, with which it ends.
    ///
    /// The call's module needs not be listed. [`Starting`] tells how long it may take.
    ///
    /// # Errors
    ///
    /// As of [`Nursery::run_in_actor`].
    pub fn run<C, F>(self, call: C) -> Starting<'a, OneShot<F>>
    where
        C: IntoCall<F>,
        F: Rpc,
    {
        let (draft, call) = (self.draft, call.into_call());
        Starting::new(move |deadline| async move {
            let (job, value) = OneShot::job(call, deadline)?;
            let starting = draft.run(F::MODULE, job);
            let started = Deadline::bound(deadline, F::PATH, starting).await?;
            Ok(OneShot::new(started, value))
        })
    }
}

impl<A> fmt::Debug for ActorBuilder<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorBuilder({})", self.draft.name)
    }
}

//! A cluster before it starts.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::cluster::Cluster;
use super::draft::{Draft, start_all};
use super::names::worker_names;
use super::nursery::{NurseryBuilder, nursery};
use super::restart::{Restart, RestartType};
use super::supervision::Ending;
use crate::base::{Config, Error, Result};
use crate::process::{Attributes, Stdio};
use crate::rpc::{Modules, Portal};

/// Describes a cluster; made by [`cluster!`](crate::cluster), run by [`scope`](Self::scope).
#[derive(Debug)]
#[must_use = "a cluster starts when its `scope` is awaited"]
pub struct ClusterBuilder<A> {
    modules: Modules<A>,
    count: Option<usize>,
    names: Option<Vec<String>>,
    restart: RestartType,
    attributes: Attributes,
    nursery: NurseryBuilder,
}

impl<A> ClusterBuilder<A> {
    /// A cluster of one worker per available core, which expose `modules`.
    pub fn new(modules: Modules<A>) -> Self {
        Self {
            modules,
            count: None,
            names: None,
            restart: RestartType::Permanent,
            attributes: Attributes::default(),
            nursery: nursery(),
        }
    }

    /// The number of workers.
    pub fn count(mut self, count: usize) -> Self {
        self.count = Some(count);
        self
    }

    /// The workers' names, `worker_0` and so on by default.
    pub fn names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.names = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Kills the workers at the end instead of asking them to end.
    pub fn hard_kill(self) -> Self {
        self.with(NurseryBuilder::hard_kill)
    }

    /// What the key `hard_kill` of the macro says.
    #[doc(hidden)]
    pub fn hard_kill_if(self, hard_kill: bool) -> Self {
        match hard_kill {
            true => self.hard_kill(),
            false => self,
        }
    }

    /// Settings of the workers; what is not set is as in this actor.
    pub fn config(self, config: Config) -> Self {
        self.with(|nursery| nursery.config(config))
    }

    /// What happens when a worker dies; by default the scope fails. See [`Restart`].
    pub fn restart(self, strategy: Restart) -> Self {
        self.with(|nursery| nursery.restart(strategy))
    }

    /// Which ends of a worker are answered by its restart; all of them by default.
    pub fn restart_type(mut self, restart: RestartType) -> Self {
        self.restart = restart;
        self
    }

    /// Starts the workers in this directory; see [`ActorBuilder::cwd`](crate::ActorBuilder::cwd).
    ///
    /// ```no_run
    /// # use tractor::Stdio;
    /// # #[tractor::rpc] async fn build() {}
    /// # async fn example() -> tractor::Result<()> {
    /// tractor::cluster! { modules: [self], count: 4 }
    ///     .cwd("/tmp")
    ///     .stdout(Stdio::null())
    ///     .process_group()
    ///     .scope(async |workers| {
    ///         workers.run_all(build).await;
    ///         Ok(())
    ///     })
    ///     .await
    /// # }
    /// ```
    pub fn cwd(mut self, path: impl Into<PathBuf>) -> Self {
        self.attributes.cwd = Some(path.into());
        self
    }

    /// Sends the workers' stdout elsewhere; see
    /// [`ActorBuilder::stdout`](crate::ActorBuilder::stdout).
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.attributes.stdout = stdout.into();
        self
    }

    /// Sends the workers' stderr elsewhere; see
    /// [`ActorBuilder::stderr`](crate::ActorBuilder::stderr).
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.attributes.stderr = stderr.into();
        self
    }

    /// Gives each worker a process group of its own, which ends with it; see
    /// [`ActorBuilder::process_group`](crate::ActorBuilder::process_group).
    pub fn process_group(mut self) -> Self {
        self.attributes.process_group = true;
        self
    }

    /// See [`NurseryBuilder::max_restarts`].
    pub fn max_restarts(self, restarts: usize) -> Self {
        self.with(|nursery| nursery.max_restarts(restarts))
    }

    /// See [`NurseryBuilder::restart_window`].
    pub fn restart_window(self, window: Duration) -> Self {
        self.with(|nursery| nursery.restart_window(window))
    }

    /// See [`NurseryBuilder::restart_backoff`].
    pub fn restart_backoff(self, delays: RangeInclusive<Duration>) -> Self {
        self.with(|nursery| nursery.restart_backoff(delays))
    }

    fn with(mut self, set: impl FnOnce(NurseryBuilder) -> NurseryBuilder) -> Self {
        self.nursery = set(self.nursery);
        self
    }

    /// Starts the workers, runs `body`, then ends and reaps every worker, however `body` ends.
    ///
    /// A worker that dies without being asked to ends the scope: `body` is dropped at its next
    /// await, after it was polled once more, so that it can see its own calls fail. Then the other
    /// workers are cancelled, and the death is what the scope returns, unless `body` had returned
    /// an error itself.
    ///
    /// Where the result is not returned at once, the body has to say which error it means:
    ///
    /// ```no_run
    /// # #[tractor::rpc] async fn double(n: u64) -> u64 { n * 2 }
    /// # async fn example() -> tractor::Result<()> {
    /// let doubled = tractor::cluster! { modules: [self], count: 1 }
    ///     .scope(async |workers| -> tractor::Result<u64> {
    ///         workers["worker_0"].run(double(21)).await
    ///     })
    ///     .await?;
    /// assert_eq!(doubled, 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What `body` returns; a worker's death; [`Config`](crate::Error::Config) for what cannot be,
    /// and [`Spawn`](crate::Error::Spawn) when a worker cannot be started. Whatever was started is
    /// reaped by then (S1).
    ///
    /// # Panics
    ///
    /// Resumes a panic of `body`, after the teardown.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops `body` and tears the workers down in the background; the actor
    /// does not exit before they are reaped.
    pub async fn scope<T, E, B>(self, body: B) -> Result<T, E>
    where
        B: AsyncFnOnce(Cluster<A>) -> Result<T, E>,
        E: From<Error>,
    {
        let Self {
            modules,
            count,
            names,
            restart,
            attributes,
            nursery,
        } = self;
        let names = worker_names(count, names)?;
        nursery
            .run(Ending::Cancel, async |an| {
                let drafts = names.into_iter().map(|name| Draft {
                    modules: modules.listed(),
                    restart: Some(restart),
                    attributes: attributes.clone(),
                    ..Draft::new(&an, name)
                });
                let portals = start_all(drafts.collect()).await?.into_iter();
                let portals = portals.map(|started| Portal::new(started.route, started.control));
                let portals = portals.collect();
                Box::pin(body(Cluster::new(an, portals))).await
            })
            .await
    }
}

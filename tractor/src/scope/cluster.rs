//! A flat fleet of workers that expose the same modules.

use std::fmt;
use std::ops::{Index, RangeInclusive};
use std::path::PathBuf;
use std::slice;
use std::time::Duration;

use super::draft::{Draft, start_all};
use super::map::Map;
use super::names::worker_names;
use super::nursery::{Nursery, NurseryBuilder, nursery};
use super::report::ExitReport;
use super::restart::{Restart, RestartType};
use super::run_all::RunAll;
use super::supervision::Ending;
use crate::base::{Aid, Config, Error, Result};
use crate::process::{Attributes, Stdio};
use crate::rpc::allowlist::Admits;
use crate::rpc::{ContextFn, GatherContexts, IntoCall, IntoContextCall, Modules, Portal, Rpc};

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

/// A running cluster: its portals by name, in the order in which the workers were named.
///
/// Keys are `{spawner}.{name}`, such as `root.worker_0`; look-ups take the short name as well.
pub struct Cluster<A> {
    members: Vec<(String, Portal<A>)>,
    nursery: Nursery,
}

impl<A> Cluster<A> {
    fn new(nursery: Nursery, portals: Vec<Portal<A>>) -> Self {
        let path = |portal: &Portal<A>| portal.aid().path().to_owned();
        let members = portals
            .into_iter()
            .map(|portal| (path(&portal), portal))
            .collect();
        Self { members, nursery }
    }

    /// The portal of the worker with this full or short name.
    pub fn get(&self, name: &str) -> Option<&Portal<A>> {
        let by_name =
            |(key, portal): &&(String, Portal<A>)| key == name || portal.aid().name() == name;
        self.members.iter().find(by_name).map(|(_, portal)| portal)
    }

    /// The names and portals, in the order in which the workers were named.
    pub fn iter(&self) -> ClusterIter<'_, A> {
        ClusterIter(self.members.iter())
    }

    /// The full names of the workers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// The portals of the workers.
    pub fn portals(&self) -> impl Iterator<Item = &Portal<A>> {
        self.members.iter().map(|(_, portal)| portal)
    }

    /// The number of workers.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Always false: a cluster has at least one worker.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Runs the same call on every worker and gives the results by full name.
    ///
    /// The arguments are encoded once. One worker's failure does not affect the others' results.
    ///
    /// ```
    /// #[tractor::rpc]
    /// async fn pid() -> u32 {
    ///     std::process::id()
    /// }
    ///
    /// # #[tractor::main]
    /// # async fn main() -> tractor::Result<()> {
    /// # tractor::cluster! { modules: [self], count: 2 }.scope(async |workers| {
    /// for (name, pid) in workers.run_all(pid).await {
    ///     println!("{name} has the pid {}", pid?);
    /// }
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn run_all<C, F, I>(&self, call: C) -> RunAll<F>
    where
        C: IntoCall<F>,
        F: Rpc,
        A: Admits<C, F, I>,
    {
        RunAll::new(&self.members, call.into_call())
    }

    /// Opens the same context with every worker, all of them or none; see [`GatherContexts`].
    ///
    /// The contexts are in the order in which the workers were named.
    pub fn open_contexts<C, F, I>(&self, call: C) -> GatherContexts<F>
    where
        C: IntoContextCall<F>,
        F: ContextFn,
        A: Admits<C, F, I>,
    {
        GatherContexts::each(self.portals().map(Portal::route), call.into_context_call())
    }

    /// Spreads one call per input over the workers; each free worker takes the next input.
    ///
    /// Gives a stream of input indices and results, as they complete. See [`Map`] for the order,
    /// and for how much is in flight.
    ///
    /// ```
    /// use futures_util::StreamExt;
    ///
    /// #[tractor::rpc]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// # #[tractor::main]
    /// # async fn main() -> tractor::Result<()> {
    /// # tractor::cluster! { modules: [self], count: 2 }.scope(async |workers| {
    /// let mut squares = workers.map(1..=5, square);
    /// let mut sum = 0;
    /// while let Some((_index, square)) = squares.next().await {
    ///     sum += square?;
    /// }
    /// assert_eq!(sum, 55);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn map<In, C, F, I, M>(&self, inputs: In, call: M) -> Map<In::IntoIter, M, A, F, I>
    where
        In: IntoIterator,
        M: FnMut(In::Item) -> C,
        C: IntoCall<F>,
        F: Rpc,
        A: Admits<C, F, I>,
    {
        Map::new(self.portals().cloned().collect(), inputs.into_iter(), call)
    }

    /// Starts the teardown of all workers, down the ladder from its first rung.
    ///
    /// The scope still waits for its body; calls to the workers fail from now on.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have asked for anything.
    pub async fn cancel(&self) {
        self.nursery.cancel().await;
    }

    /// Kills all workers at once.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have asked for anything.
    pub async fn cancel_hard(&self) {
        self.nursery.cancel_hard().await;
    }

    /// How the workers ended; it fills as they do, and may be read after the scope.
    pub fn report(&self) -> ExitReport {
        self.nursery.report()
    }

    /// The actor that owns the workers.
    pub fn spawner(&self) -> &Aid {
        self.nursery.spawner()
    }
}

impl<A> Index<&str> for Cluster<A> {
    type Output = Portal<A>;

    /// # Panics
    ///
    /// When no worker has that full or short name.
    fn index(&self, name: &str) -> &Portal<A> {
        self.get(name)
            .unwrap_or_else(|| panic!("no worker is named `{name}`; there are {self:?}"))
    }
}

/// Iterates over names and portals; made by [`Cluster::iter`].
pub struct ClusterIter<'a, A>(slice::Iter<'a, (String, Portal<A>)>);

impl<'a, A> Iterator for ClusterIter<'a, A> {
    type Item = (&'a str, &'a Portal<A>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, portal)| (name.as_str(), portal))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<A> ExactSizeIterator for ClusterIter<'_, A> {}

impl<'a, A> IntoIterator for &'a Cluster<A> {
    type Item = (&'a str, &'a Portal<A>);
    type IntoIter = ClusterIter<'a, A>;

    fn into_iter(self) -> ClusterIter<'a, A> {
        self.iter()
    }
}

impl<A> fmt::Debug for Cluster<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

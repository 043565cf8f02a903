//! A flat fleet of workers that expose the same modules.

use std::fmt;
use std::ops::Index;
use std::slice;

use futures_util::future::try_join_all;

use super::map::Map;
use super::names::worker_names;
use super::report::ExitReport;
use super::run_all::RunAll;
use super::supervisor::{Child, Handle, Started, open};
use crate::base::{Actor, Aid, Config, ConfigError, Error, Result, Rung, try_current_actor};
use crate::process::Launch;
use crate::rpc::allowlist::Admits;
use crate::rpc::{IntoCall, Modules, Portal, Rpc, registry};
use crate::wire::{Spec, VERSION};

/// Describes a cluster; made by [`cluster!`](crate::cluster), run by [`scope`](Self::scope).
#[derive(Debug)]
#[must_use = "a cluster starts when its `scope` is awaited"]
pub struct ClusterBuilder<A> {
    modules: Modules<A>,
    count: Option<usize>,
    names: Option<Vec<String>>,
    hard_kill: bool,
    config: Config,
}

impl<A> ClusterBuilder<A> {
    /// A cluster of one worker per available core, which expose `modules`.
    pub fn new(modules: Modules<A>) -> Self {
        Self {
            modules,
            count: None,
            names: None,
            hard_kill: false,
            config: Config::new(),
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
        self.hard_kill_if(true)
    }

    /// What the key `hard_kill` of the macro says.
    #[doc(hidden)]
    pub fn hard_kill_if(mut self, hard_kill: bool) -> Self {
        self.hard_kill = hard_kill;
        self
    }

    /// Settings of the workers; what is not set is as in this actor.
    pub fn config(mut self, config: Config) -> Self {
        self.config = self.config.overlaid(&config);
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
        let plan = self.plan()?;
        let report = ExitReport::default();
        let (handle, supervision) = open(&plan.actor, report.clone());
        supervision
            .run(async move {
                let cluster = plan.start(handle, report).await?;
                body(cluster).await
            })
            .await
    }

    fn plan(self) -> Result<Plan> {
        let actor = try_current_actor().ok_or_else(|| {
            ConfigError::new(
                "there is no actor to start the cluster from: enter the runtime with \
                 #[tractor::main], #[tractor::test] or tractor::run first",
            )
        })?;
        let config = actor.config().overlaid(&self.config);
        config.check()?;
        Ok(Plan {
            names: worker_names(self.count, self.names)?,
            modules: registry::resolve(self.modules.listed())?,
            hard_kill: self.hard_kill,
            config,
            actor,
        })
    }
}

/// A cluster whose settings are known to be good.
struct Plan {
    actor: Actor,
    names: Vec<String>,
    modules: Vec<String>,
    hard_kill: bool,
    config: Config,
}

impl Plan {
    /// Starts every worker at the same time; the first one that cannot be started is the error.
    async fn start<A>(&self, handle: Handle, report: ExitReport) -> Result<Cluster<A>> {
        let starts = self.names.iter().map(|name| handle.start(self.child(name)));
        let started = try_join_all(starts).await?;
        let members = started.into_iter().map(|Started { link, control }| {
            let path = link.peer().path().to_owned();
            (path, Portal::new(link, control))
        });
        Ok(Cluster {
            me: self.actor.aid().clone(),
            members: members.collect(),
            handle,
            report,
        })
    }

    fn child(&self, name: &str) -> Child {
        let spec = Spec {
            version: VERSION,
            parent: self.actor.aid().clone(),
            path: format!("{}.{name}", self.actor.aid().path()),
            unique: Aid::new_unique(),
            config: self.config.clone(),
            hand_stdout_over: self.actor.image().hands_stdout_over(),
            modules: self.modules.clone(),
        };
        Child {
            launch: Launch {
                image: self.actor.image().clone(),
                spec,
            },
            hard_kill: self.hard_kill,
        }
    }
}

/// A running cluster: its portals by name, in the order in which the workers were named.
///
/// Keys are `{spawner}.{name}`, such as `root.worker_0`; look-ups take the short name as well.
pub struct Cluster<A> {
    me: Aid,
    members: Vec<(String, Portal<A>)>,
    handle: Handle,
    report: ExitReport,
}

impl<A> Cluster<A> {
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
        self.handle.bring_down(Rung::Cancel).await;
    }

    /// Kills all workers at once.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it may not have asked for anything.
    pub async fn cancel_hard(&self) {
        self.handle.bring_down(Rung::Kill).await;
    }

    /// How the workers ended; it fills as they do, and may be read after the scope.
    pub fn report(&self) -> ExitReport {
        self.report.clone()
    }

    /// The actor that owns the workers.
    pub fn spawner(&self) -> &Aid {
        &self.me
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

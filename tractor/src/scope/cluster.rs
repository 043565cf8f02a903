//! A flat fleet of workers that expose the same modules.

use std::fmt;
use std::ops::Index;
use std::slice;

use super::map::Map;
use super::nursery::Nursery;
use super::report::ExitReport;
use super::run_all::RunAll;
use crate::base::Aid;
use crate::rpc::allowlist::Admits;
use crate::rpc::{ContextFn, GatherContexts, IntoCall, IntoContextCall, Portal, Rpc};

/// A running cluster: its portals by name, in the order in which the workers were named.
///
/// Keys are `{spawner}.{name}`, such as `root.worker_0`; look-ups take the short name as well.
pub struct Cluster<A> {
    members: Vec<(String, Portal<A>)>,
    nursery: Nursery,
}

impl<A> Cluster<A> {
    pub(super) fn new(nursery: Nursery, portals: Vec<Portal<A>>) -> Self {
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

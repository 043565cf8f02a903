//! The actor that the running code belongs to.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use super::{Aid, Config, Image, Tasks};

/// A handle to the actor that the running code belongs to; see [`current_actor`].
#[derive(Debug, Clone)]
pub struct Actor {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    aid: Aid,
    parent: Option<Aid>,
    config: Config,
    overrides: Config,
    image: Image,
    exposes: Vec<String>,
    owners: Tasks,
}

impl Actor {
    /// The root of a tree, whose environment says `overrides`.
    pub(crate) fn root(aid: Aid, config: &Config, overrides: Config, image: Image) -> Self {
        Self::new(aid, None, config, overrides, image, Vec::new())
    }

    /// A child of `parent` that exposes some modules.
    pub(crate) fn child(
        aid: Aid,
        parent: Aid,
        config: &Config,
        overrides: Config,
        image: Image,
        exposes: Vec<String>,
    ) -> Self {
        Self::new(aid, Some(parent), config, overrides, image, exposes)
    }

    fn new(
        aid: Aid,
        parent: Option<Aid>,
        config: &Config,
        overrides: Config,
        image: Image,
        exposes: Vec<String>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                aid,
                parent,
                config: config.overlaid(&overrides),
                overrides,
                image,
                exposes,
                owners: Tasks::new(),
            }),
        }
    }

    /// The identity of this actor.
    pub fn aid(&self) -> &Aid {
        &self.inner.aid
    }

    /// The identity of the actor that spawned this one; `None` in the root.
    pub fn parent(&self) -> Option<&Aid> {
        self.inner.parent.as_ref()
    }

    /// True in the root of the tree.
    pub fn is_root(&self) -> bool {
        self.inner.parent.is_none()
    }

    /// The settings this actor runs with, and its children unless they say otherwise.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// These settings, with what the environment says put over them: it beats the code wherever
    /// that speaks, here or in a scope.
    pub(crate) fn overridden(&self, config: &Config) -> Config {
        config.overlaid(&self.inner.overrides)
    }

    /// The paths of the modules whose functions others may call here; none in the root.
    pub fn exposes(&self) -> &[String] {
        &self.inner.exposes
    }

    /// What to execute for this actor's children.
    pub(crate) fn image(&self) -> &Image {
        &self.inner.image
    }

    /// The tasks that own this actor's children.
    pub(crate) fn owners(&self) -> &Tasks {
        &self.inner.owners
    }
}

/// The actor of the whole process: set by `main` and in every child, never under a test harness,
/// whose one process holds a root per test.
static PROCESS: OnceLock<Actor> = OnceLock::new();

thread_local! {
    /// The actor whose runtime this thread belongs to.
    static THREAD: RefCell<Option<Actor>> = const { RefCell::new(None) };
}

/// The actor that the running code belongs to.
///
/// # Panics
///
/// Outside of the tractor runtime: before [`run`](crate::run) or `#[tractor::main]` has begun, or,
/// in a `#[tractor::test]`, on a thread that the test started itself.
pub fn current_actor() -> Actor {
    try_current_actor().expect(
        "there is no actor here: enter the runtime with #[tractor::main], #[tractor::test] or \
         tractor::run first",
    )
}

/// The actor that the running code belongs to, or `None` outside of the tractor runtime.
pub fn try_current_actor() -> Option<Actor> {
    // During thread teardown the slot may be gone already.
    let of_thread = THREAD.try_with(|thread| thread.borrow().clone());
    let of_thread = of_thread.ok().flatten();
    of_thread.or_else(|| PROCESS.get().cloned())
}

/// Makes `actor` the actor of this whole process.
pub(crate) fn enter_process(actor: &Actor) {
    // A second root in one process (two calls of `run`, one after the other) keeps to its threads.
    let _ = PROCESS.set(actor.clone());
}

/// Makes `actor` the actor of this thread until the guard is dropped.
pub(crate) fn enter_thread(actor: &Actor) -> Entered {
    Entered(THREAD.replace(Some(actor.clone())))
}

/// Restores the thread's former actor when dropped.
#[must_use]
pub(crate) struct Entered(Option<Actor>);

impl Drop for Entered {
    fn drop(&mut self) {
        // During thread teardown the slot may be gone already; then there is nothing to restore.
        let _ = THREAD.try_with(|thread| thread.replace(self.0.take()));
    }
}

//! The handle by which functions run in another actor.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::allowlist::Admits;
use super::{
    ContextFn, Dynamic, IntoCall, IntoContextCall, IntoStreamCall, Modules, OpenContext, Rpc, Run,
    StreamFn, StreamFrom, introspect, registry,
};
use crate::base::{Aid, ConfigError, Control, ModuleNotExposed, Result, Rung};
use crate::session::Route;

/// Runs functions in another actor, and can end it.
///
/// `A` is the actor's allowlist as a type: a call of a function that is not in it does not
/// compile. Clones reach the same actor; a portal that outlives its actor fails every call.
///
/// A portal is bound to the actor's name and place, not to its process: when the actor is
/// [restarted](crate::Restart), the same portal reaches the new process.
pub struct Portal<A = Dynamic> {
    inner: Arc<Inner>,
    list: PhantomData<fn() -> A>,
}

struct Inner {
    route: Route,
    /// The line to the owner; there is none to that of a parent.
    control: Option<Control>,
}

impl<A> Portal<A> {
    /// A portal of an actor that was started with the allowlist `A`.
    pub(crate) fn new(route: Route, control: Control) -> Self {
        Self::with(route, Some(control))
    }

    fn with(route: Route, control: Option<Control>) -> Self {
        let inner = Inner { route, control };
        Self {
            inner: Arc::new(inner),
            list: PhantomData,
        }
    }

    /// The actor that this portal reaches; of one that is restarted, the newest process.
    pub fn aid(&self) -> Aid {
        self.inner.route.link().peer().clone()
    }

    /// Runs a function there.
    ///
    /// `call` is a call of an `#[tractor::rpc]` function, or such a function by its name when it
    /// has no parameters.
    ///
    /// # Errors
    ///
    /// When the function returns `Err(e)`, panics, is cancelled by somebody else or does not
    /// decode; when the actor dies or its link is lost; when a deadline passes. A function that
    /// returns a `Result<T, E>` yields `T` here, any other what it returns.
    ///
    /// # Cancel safety
    ///
    /// See [`Run`].
    pub fn run<C, F, I>(&self, call: C) -> Run<F>
    where
        C: IntoCall<F>,
        F: Rpc,
        A: Admits<C, F, I>,
    {
        Run::new(self.inner.route.clone(), call.into_call())
    }

    /// Opens a context: a function there, linked with a scope here.
    ///
    /// `call` is a call of a [`#[tractor::context]`](macro@crate::context) function, or such a
    /// function by its name when it has no other parameters. The context opens in
    /// [`OpenContext::scope`].
    pub fn open_context<C, F, I>(&self, call: C) -> OpenContext<F>
    where
        C: IntoContextCall<F>,
        F: ContextFn,
        A: Admits<C, F, I>,
    {
        OpenContext::new(self.inner.route.clone(), call.into_context_call())
    }

    /// Opens a stream that comes from a function there.
    ///
    /// `call` is a call of an `#[tractor::rpc]` function that returns `impl Stream`, or such a
    /// function by its name when it has no parameters.
    pub fn open_stream_from<C, F, I>(&self, call: C) -> StreamFrom<F>
    where
        C: IntoStreamCall<F>,
        F: StreamFn,
        A: Admits<C, F, I>,
    {
        StreamFrom::new(self.inner.route.clone(), call.into_stream_call())
    }

    /// The way to the actor.
    pub(crate) fn route(&self) -> Route {
        self.inner.route.clone()
    }

    /// False once every call fails, because the actor is gone.
    pub(crate) fn is_open(&self) -> bool {
        self.inner.route.is_open()
    }

    /// Runs a function whose arguments are encoded already.
    pub(crate) fn run_encoded<F: Rpc>(&self, args: Arc<[u8]>) -> Run<F> {
        Run::encoded(self.inner.route.clone(), args)
    }

    /// Ends the actor, down the ladder, and waits until it is reaped.
    ///
    /// Ending it twice, or when it is gone already, is no error.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::Error::Config) for the parent of this actor, which only its own parent can
    /// end.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the actor ends whether or not this is dropped.
    pub async fn cancel_actor(&self) -> Result<()> {
        let Inner { route, control } = &*self.inner;
        let Some(control) = control else {
            let message = format!(
                "an actor cannot end its parent, {}; only the parent's own spawner can",
                self.aid()
            );
            return Err(ConfigError::new(message).into());
        };
        control.bring_down(Rung::Cancel, route.link().me());
        control.ended().await;
        Ok(())
    }

    /// The same portal without its compile-time list, so that portals of different actors fit into
    /// one collection. The callee still refuses what its own list does not name.
    pub fn dynamic(&self) -> Portal<Dynamic> {
        Portal {
            inner: self.inner.clone(),
            list: PhantomData,
        }
    }

    /// The same portal with the compile-time list `modules`, which the actor is asked to confirm.
    ///
    /// # Errors
    ///
    /// [`ModuleNotExposed`](crate::Error::ModuleNotExposed) when the actor does not expose one of
    /// the modules; what any call can fail with.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn expect<B>(&self, modules: Modules<B>) -> Result<Portal<B>> {
        let expected = registry::resolve(modules.listed())?;
        let enabled = Run::new(self.inner.route.clone(), introspect::exposed_modules()).await?;
        if let Some(module) = expected.iter().find(|module| !enabled.contains(module)) {
            return Err(ModuleNotExposed::new(self.aid(), module, enabled).into());
        }
        Ok(Portal {
            inner: self.inner.clone(),
            list: PhantomData,
        })
    }
}

impl Portal<Dynamic> {
    /// A portal to the parent of this actor.
    pub(super) fn to_parent(route: Route) -> Self {
        Self::with(route, None)
    }
}

impl<A> Clone for Portal<A> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            list: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Portal<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portal({})", self.aid())
    }
}

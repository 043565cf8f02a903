//! A remote function that holds a dialog with its caller.

use std::fmt;
use std::sync::Arc;

use crate::base::Result;
use crate::rpc::{Call, Rpc, Wire};

/// A remote function that holds a dialog with its caller.
///
/// [`#[context]`](macro@crate::context) implements it for a type with the function's name.
pub trait ContextFn: Rpc {
    /// What the function starts with.
    type First: Wire + Send + 'static;

    /// What the function sends.
    type Tx: Wire + Send + 'static;

    /// What the function receives.
    type Rx: Wire + Send + 'static;
}

/// A call of a context function that has not been opened yet.
///
/// Calling a function annotated with [`#[context]`](macro@crate::context) builds one, without its
/// first parameter: that is made where it runs. Hand it to
/// [`Portal::open_context`](crate::Portal::open_context).
#[must_use = "a context does nothing until a portal opens it and its scope is awaited"]
pub struct ContextCall<F: ContextFn> {
    args: F::Args,
}

impl<F: ContextFn> ContextCall<F> {
    pub(crate) fn new(args: F::Args) -> Self {
        Self { args }
    }

    /// The arguments, encoded for several actors.
    pub(super) fn into_encoded(self) -> Result<Arc<[u8]>> {
        self.into_call().into_encoded()
    }

    /// The call that opens it.
    pub(super) fn into_call(self) -> Call<F> {
        Call::new(self.args)
    }
}

impl<F: ContextFn<Args: Clone>> Clone for ContextCall<F> {
    fn clone(&self) -> Self {
        Self::new(self.args.clone())
    }
}

impl<F: ContextFn> fmt::Debug for ContextCall<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContextCall({})", F::PATH)
    }
}

/// What a portal opens a context with: a [`ContextCall`] of `F`, or `F` by its name when it has no
/// parameters but its context.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a context function",
    label = "not a call of a function annotated with `#[tractor::context]`",
    note = "annotate the function with `#[tractor::context]`, and pass its call without the context: `f(argument)`",
    note = "other remote functions are `run`, those that return a stream opened by `open_stream_from`"
)]
pub trait IntoContextCall<F: ContextFn> {
    /// The call.
    fn into_context_call(self) -> ContextCall<F>;
}

#[diagnostic::do_not_recommend]
impl<F: ContextFn> IntoContextCall<F> for ContextCall<F> {
    fn into_context_call(self) -> Self {
        self
    }
}

// See `IntoCall`, which does the same.
#[diagnostic::do_not_recommend]
impl<G, R, F> IntoContextCall<F> for G
where
    G: FnOnce() -> R,
    R: IsContextCall<F>,
    F: ContextFn,
{
    fn into_context_call(self) -> ContextCall<F> {
        self().into_context_call()
    }
}

/// What a function that can be passed by its name returns.
#[doc(hidden)]
pub trait IsContextCall<F: ContextFn>: IntoContextCall<F> {}

#[diagnostic::do_not_recommend]
impl<F: ContextFn> IsContextCall<F> for ContextCall<F> {}

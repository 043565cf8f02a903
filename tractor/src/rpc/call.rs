//! A call that has not run yet.

use std::fmt;
use std::sync::Arc;

use super::Rpc;
use super::args::{Arguments, encode};
use super::function::BoxFuture;
use crate::base::Result;

/// A call of `F` that has not run yet.
///
/// Calling a function annotated with [`#[rpc]`](macro@crate::rpc) builds one. Await it and the
/// function runs in this process; hand it to a portal and it runs in the portal's.
///
/// ```
/// #[tractor::rpc]
/// async fn double(n: u64) -> u64 {
///     n * 2
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// assert_eq!(double(21).await, 42);
/// # });
/// ```
///
/// # Cancel safety
///
/// Dropping it, or the future it turns into, drops the function's body at its current await. A
/// plain `fn` that is already running on the blocking pool runs to its end, unobserved.
#[must_use = "a call does nothing until it is awaited or handed to a portal"]
pub struct Call<F: Rpc> {
    args: F::Args,
}

impl<F: Rpc> Call<F> {
    pub(crate) fn new(args: F::Args) -> Self {
        Self { args }
    }

    /// The arguments, encoded for several actors.
    ///
    /// # Errors
    ///
    /// [`Codec`](crate::Error::Codec) when they cannot be encoded.
    pub(crate) fn into_encoded(self) -> Result<Arc<[u8]>> {
        encode(F::entry(), &mut |args| args.value(&Arguments(&self.args)))
    }

    /// The arguments, to be sent.
    pub(crate) fn into_args(self) -> F::Args {
        self.args
    }
}

/// Runs the call in this process.
impl<F: Rpc> IntoFuture for Call<F> {
    type Output = F::Return;
    type IntoFuture = BoxFuture<F::Return>;

    fn into_future(self) -> Self::IntoFuture {
        F::run(self.args)
    }
}

impl<F: Rpc<Args: Clone>> Clone for Call<F> {
    fn clone(&self) -> Self {
        Self::new(self.args.clone())
    }
}

impl<F: Rpc> fmt::Debug for Call<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", F::PATH)
    }
}

/// What a portal runs: a [`Call`] of `F`, or `F` by its name when it has no parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a remote function",
    label = "not a call of a function annotated with `#[tractor::rpc]`",
    note = "annotate the function with `#[tractor::rpc]`, and pass its call: `f(argument)`",
    note = "only a function without parameters can be passed by its name: `f`",
    note = "a context is opened with `open_context`, a stream with `open_stream_from`"
)]
pub trait IntoCall<F: Rpc>: sealed::Sealed<F> {
    /// The call.
    fn into_call(self) -> Call<F>;
}

// `F` is a parameter and no associated type: a bound that fails is reported once and at the
// argument, a projection that fails wherever the type is named.
#[diagnostic::do_not_recommend]
impl<F: Rpc> IntoCall<F> for Call<F> {
    fn into_call(self) -> Self {
        self
    }
}

// It does not overlap with the implementation above: the `Fn` traits are fundamental and `Call` is
// local, so that the compiler knows that `Call` implements none of them. `R: IsCall` and not
// `FnOnce() -> Call<F>`, because the latter fails as a type mismatch with rustc's own words.
#[diagnostic::do_not_recommend]
impl<G, R, F> IntoCall<F> for G
where
    G: FnOnce() -> R,
    R: IsCall<F>,
    F: Rpc,
{
    fn into_call(self) -> Call<F> {
        self().into_call()
    }
}

/// What a function that can be passed by its name returns: a [`Call`], nothing else.
#[doc(hidden)]
pub trait IsCall<F: Rpc>: IntoCall<F> {}

#[diagnostic::do_not_recommend]
impl<F: Rpc> IsCall<F> for Call<F> {}

mod sealed {
    use super::{Call, IsCall, Rpc};

    /// Keeps [`IntoCall`](super::IntoCall) to what is implemented here.
    pub trait Sealed<F> {}

    #[diagnostic::do_not_recommend]
    impl<F: Rpc> Sealed<F> for Call<F> {}

    #[diagnostic::do_not_recommend]
    impl<G: FnOnce() -> R, R: IsCall<F>, F: Rpc> Sealed<F> for G {}
}

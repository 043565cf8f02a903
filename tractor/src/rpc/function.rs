//! A function that can be called in another process.

use std::pin::Pin;

use super::handler::{BoxHandler, handle};
use super::registry::Entry;
use super::{Args, Wire};
use crate::base::Raised;

/// A boxed future that may move between threads.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A function that can be called in another process.
///
/// [`#[rpc]`](macro@crate::rpc) implements it for a type with the function's name, the *stub*; do
/// not implement it by hand. Use it to be generic over functions:
///
/// ```
/// fn describe<F: tractor::Rpc>() -> &'static str {
///     F::PATH
/// }
/// # let _ = describe::<never::f>;
/// # mod never { #[tractor::rpc] pub async fn f() {} }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a remote function",
    label = "not annotated with `#[tractor::rpc]`",
    note = "annotate the function with `#[tractor::rpc]`"
)]
pub trait Rpc: Sized + 'static {
    /// The parameters, as a tuple.
    type Args: Args;

    /// What the function returns when it runs in this process.
    type Return: Send + 'static;

    /// What a call in another process yields: `T` of a `Result<T, E>`, else [`Return`].
    ///
    /// [`Return`]: Self::Return
    type Output: Wire + Send + 'static;

    /// The module in which the function is written, as an allowlist names it.
    type Module;

    /// The path of the function, like `my_crate::workers::is_prime`.
    const PATH: &'static str;

    /// The path of the module in which the function is written.
    #[doc(hidden)]
    const MODULE: &'static str;

    /// True of a plain function, which runs on the blocking pool and cannot be interrupted.
    #[doc(hidden)]
    const BLOCKING: bool = false;

    /// True of a function whose calls have a stream.
    #[doc(hidden)]
    const STREAMS: bool = false;

    /// Runs the function's body.
    #[doc(hidden)]
    fn call(args: Self::Args) -> impl Future<Output = Self::Return> + Send + 'static;

    /// Turns what the body returned into what is sent back.
    #[doc(hidden)]
    fn settle(returned: Self::Return) -> Result<Self::Output, Raised>;

    /// The registration; by its address the linker keeps it.
    #[doc(hidden)]
    fn entry() -> &'static Entry;

    /// Runs the function's body, boxed.
    #[doc(hidden)]
    fn run(args: Self::Args) -> BoxFuture<Self::Return> {
        Box::pin(Self::call(args))
    }

    /// Starts the function's body as the answer to a call, in one allocation.
    #[doc(hidden)]
    fn start(args: Self::Args) -> BoxHandler {
        handle::<Self>(Self::call(args))
    }
}

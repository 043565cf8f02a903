#![deny(missing_docs, unfulfilled_lint_expectations)]
//! What stands on a function goes where it belongs.
use futures_util::{Stream, stream};
use tractor::Context;

/// There.
#[tractor::rpc]
#[cfg(unix)]
pub async fn there() -> u64 {
    1
}

#[tractor::rpc]
#[cfg(any())]
pub async fn not_there(job: MissingType) -> u64 {}

#[tractor::rpc]
#[cfg_attr(all(), cfg(any()), doc = "Not there either.")]
pub async fn nor_this() -> u64 {}

#[tractor::rpc]
#[cfg_attr(all(), doc = "Documented.", allow(unused_variables), inline)]
#[cfg_attr(any(), no_such_attribute)]
pub async fn conditional(unused: u64) -> u64 {
    2
}

/// A dialog.
#[tractor::context]
#[cfg_attr(all(), doc = "Documented.", allow(unused_variables), inline)]
pub async fn dialog(ctx: Context<(), u64, u64>, unused: u64) {}

#[tractor::context]
#[cfg(any())]
pub async fn no_dialog(ctx: Context<(), MissingType, u64>) {}

/// A stream.
#[tractor::rpc]
#[deprecated = "Reads nothing."]
pub fn ticks() -> impl Stream<Item = u64> {
    stream::empty()
}

#[tractor::rpc]
#[cfg(any())]
pub fn no_ticks() -> impl Stream<Item = MissingType> {}

#[tractor::main]
async fn main() {
    drop(dialog(0));
    #[expect(deprecated)]
    drop(ticks());
    assert_eq!(there().await + conditional(0).await, 3);
}

//! A crate that knows `tractor` by another name, for the tests.

use actors::{Modules, Rpc};

/// Doubles a number.
#[actors::rpc(crate = actors)]
pub async fn double(n: u64) -> Result<u64, std::num::TryFromIntError> {
    n.checked_mul(2)
        .ok_or_else(|| u8::try_from(256).expect_err("256 is no u8"))
}

/// Starts with what it was called with.
#[actors::context(crate = actors)]
pub async fn dialog(ctx: actors::Context<u64, u64, u64>, first: u64) -> actors::Result<()> {
    ctx.started(first).await?.open_stream().send(1).await
}

/// Counts.
#[actors::rpc(crate = actors)]
pub fn ticks(count: u64) -> impl futures_util::Stream<Item = Result<u64, std::fmt::Error>> {
    futures_util::stream::iter((0..count).map(Ok))
}

/// The path of [`double()`].
pub const PATH: &str = double::PATH;

/// Runs `double` here.
#[actors::main(crate = actors, worker_threads = 1)]
pub async fn double_here() {
    assert_eq!(double(21).await, Ok(42));
}

/// The list of this crate's modules.
pub fn modules() -> Modules<impl Sized> {
    actors::modules![crate = actors; self]
}

/// Starts nothing.
pub fn fleet() -> impl Sized {
    actors::cluster! { crate: actors, modules: [self], count: 2 }
}

#[actors::test(crate = actors)]
async fn doubled() {
    assert_eq!(double(21).await, Ok(42));
}

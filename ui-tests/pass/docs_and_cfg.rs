#![deny(missing_docs)]
//! What stands on a function goes where it belongs.

/// There.
#[tractor::rpc]
#[cfg(all())]
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

#[tractor::main]
async fn main() {
    assert_eq!(there().await + conditional(0).await, 3);
}

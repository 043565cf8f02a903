#![deny(warnings)]

/// Old.
#[tractor::rpc]
#[deprecated(note = "use `new`")]
#[must_use = "it is expensive"]
#[inline(never)]
#[allow(clippy::needless_pass_by_value)]
async fn old(n: u64) -> u64 {
    n
}

#[tractor::rpc]
#[must_use]
#[track_caller]
#[cold]
fn line() -> u32 {
    std::panic::Location::caller().line()
}

#[tractor::rpc]
#[expect(unused_variables)]
#[rustfmt::skip]
async fn expecting(n: u64) {}

#[tractor::main]
async fn main() {
    #[expect(deprecated)]
    let call = old(7);
    assert_eq!(call.await, 7);
    assert_ne!(line().await, 0);
    expecting(1).await;
}

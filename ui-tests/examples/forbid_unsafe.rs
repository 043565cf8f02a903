#![forbid(unsafe_code)]

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::main]
async fn main() {
    assert_eq!(double(21).await, 42);
    let _ = tractor::modules![self];
}

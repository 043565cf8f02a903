/// Doubles a number.
#[tractor::rpc]
pub async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::rpc]
async fn factorial(n: u64) -> u64 {
    let rest: tractor::Call<factorial> = factorial(n.saturating_sub(1));
    if n == 0 { 1 } else { n * rest.await }
}

#[tractor::rpc]
async fn is_even(n: u64) -> bool {
    n == 0 || is_odd(n - 1).await
}

#[tractor::rpc]
async fn is_odd(n: u64) -> bool {
    n != 0 && is_even(n - 1).await
}

#[tractor::main]
async fn main() {
    assert_eq!(factorial(5).await, 120);
    assert!(is_even(4).await);
}

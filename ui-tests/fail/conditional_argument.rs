#[tractor::rpc]
async fn add(a: u64, #[cfg(unix)] b: u64) -> u64 {
    a
}

#[tractor::main]
async fn main() {
    let _ = add;
}

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::main]
async fn main() {
    let _ = double("two");
}

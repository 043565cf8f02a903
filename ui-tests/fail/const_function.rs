#[tractor::rpc]
const fn two() -> u64 {
    2
}

#[tractor::main]
async fn main() {
    let _ = two();
}

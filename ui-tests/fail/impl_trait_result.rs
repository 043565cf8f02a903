#[tractor::rpc]
fn numbers() -> impl Iterator<Item = u64> {
    0..7
}

#[tractor::main]
async fn main() {
    let _ = numbers();
}

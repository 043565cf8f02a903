#[tractor::rpc]
async fn add((a, b): (u64, u64), _: u64, ref c: u64) -> u64 {
    a + b + *c
}

#[tractor::main]
async fn main() {
    let _ = add((1, 2), 3, 4);
}

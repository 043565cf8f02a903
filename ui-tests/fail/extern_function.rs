#[tractor::rpc]
extern "C" fn add(a: u64, b: u64) -> u64 {
    a + b
}

#[tractor::main]
async fn main() {
    let _ = add(1, 2);
}

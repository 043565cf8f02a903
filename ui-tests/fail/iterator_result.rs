#[tractor::rpc]
fn ticks(count: u64) -> impl Iterator<Item = u64> {
    0..count
}

fn main() {
    let _ = ticks(5);
}

#[tractor::rpc]
struct Job(u64);

fn main() {
    let _ = Job(1);
}

#[tractor::rpc]
trait Job {
    fn run(&self);
}

impl Job for u8 {
    fn run(&self) {}
}

fn main() {
    7_u8.run();
}

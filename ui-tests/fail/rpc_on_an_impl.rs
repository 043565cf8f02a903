struct Job;

#[tractor::rpc]
impl Job {
    fn new() -> Self {
        Self
    }
}

fn main() {
    let _ = Job::new();
}

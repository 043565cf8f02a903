struct Job;

impl Job {
    #[tractor::rpc]
    async fn start() {}
}

trait Run {
    #[tractor::rpc]
    async fn run(&self);
}

fn main() {}

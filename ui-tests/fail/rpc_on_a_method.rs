trait Run {
    #[tractor::rpc]
    async fn run(&self);

    #[tractor::rpc]
    async fn run_all(&self) {}
}

fn main() {}

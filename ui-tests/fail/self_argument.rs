struct Counter;

impl Counter {
    #[tractor::rpc]
    async fn count(&self, by: u64) {}
}

#[tractor::rpc]
async fn alone(self) {}

#[tractor::main]
async fn main() {
    Counter.count(1).await;
}

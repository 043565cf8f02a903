struct Counter;

impl Counter {
    #[tractor::rpc]
    async fn count(&self, by: u64) {}
}

#[tractor::main]
async fn main() {
    Counter.count(1).await;
}

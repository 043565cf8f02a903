use std::rc::Rc;

#[tractor::rpc]
async fn other() {}

#[tractor::rpc]
async fn run() -> u64 {
    let shared = Rc::new(7);
    other().await;
    *shared
}

#[tractor::main]
async fn main() {
    run().await;
}

#[derive(Debug)]
struct Failed;

#[tractor::rpc]
async fn run() -> Result<u64, Failed> {
    Err(Failed)
}

#[tractor::main]
async fn main() {
    let _ = run().await;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Result;

#[tractor::rpc]
async fn run() -> Result {
    Result
}

#[tractor::main]
async fn main() {
    run().await;
}

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    "two"
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    double(7).await
}

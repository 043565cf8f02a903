#[tractor::rpc]
async fn forever() -> ! {
    std::future::pending().await
}

#[tractor::main]
async fn main() {
    let _ = forever();
}

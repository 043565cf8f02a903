#[tractor::rpc]
async fn name() -> &'static str {
    "a"
}

#[tractor::main]
async fn main() {
    let _ = name();
}

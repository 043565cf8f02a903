#[tractor::rpc]
fn number() -> impl std::fmt::Display {
    7
}

#[tractor::main]
async fn main() {
    let _ = number();
}

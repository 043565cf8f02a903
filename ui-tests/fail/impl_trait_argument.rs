#[tractor::rpc]
async fn greet(name: impl Into<String>) -> String {
    name.into()
}

#[tractor::rpc]
async fn all(names: Vec<impl Into<String>>) {}

#[tractor::main]
async fn main() {
    let _ = greet("a");
}

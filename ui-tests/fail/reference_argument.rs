use std::path::Path;

#[tractor::rpc]
async fn greet(name: &str) {}

#[tractor::rpc]
async fn sum(mut numbers: &[u64], path: &'static Path, nested: Vec<&str>) {}

#[tractor::main]
async fn main() {
    greet("a").await;
}

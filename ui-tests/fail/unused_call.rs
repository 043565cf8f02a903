#![deny(unused)]

#[tractor::rpc]
async fn work() {}

#[tractor::main]
async fn main() {
    work();
}

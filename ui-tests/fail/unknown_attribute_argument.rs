#[tractor::rpc(create = tractor)]
async fn one() {}

#[tractor::rpc(timeout = 5)]
async fn two() {}

#[tractor::rpc("three")]
async fn three() {}

#[tractor::rpc(blocking)]
async fn four() {}

#[tractor::main(log_levl = "debug", port = 80)]
async fn main() {
    let _ = (one(), two(), three(), four());
}

mod job {}

#[tractor::rpc]
async fn job() {}

#[tractor::main]
async fn main() {}

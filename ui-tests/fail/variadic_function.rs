#[tractor::rpc]
unsafe extern "C" fn print(format: u8, arguments: ...) {}

#[tractor::main]
async fn main() {}

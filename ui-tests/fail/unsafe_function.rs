#[tractor::rpc]
async unsafe fn read(address: usize) -> u8 {
    0
}

#[tractor::main]
async fn main() {
    let _ = read(0);
}

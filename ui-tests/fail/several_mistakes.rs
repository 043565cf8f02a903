#[tractor::rpc(timeout = 5)]
async unsafe fn copy<T>(from: &str, (to, _): (T, u8), with: impl Fn()) -> &'static str {
    let wrong: u8 = "type";
    ""
}

#[tractor::main]
async fn main() {}

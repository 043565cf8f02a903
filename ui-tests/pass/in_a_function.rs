#![deny(warnings)]

fn main() {
    #[tractor::rpc]
    async fn double(n: u64) -> u64 {
        n * 2
    }

    #[tractor::main]
    async fn run() -> u64 {
        double(21).await
    }

    assert_eq!(run(), 42);
    tractor::modules![self];
}

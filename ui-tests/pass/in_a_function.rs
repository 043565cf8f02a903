#![deny(warnings)]

fn main() {
    #[tractor::rpc]
    async fn double(n: u64) -> u64 {
        n * 2
    }

    #[tractor::main]
    async fn run() {
        assert_eq!(double(21).await, 42);
    }

    run();
    tractor::modules![self];
}

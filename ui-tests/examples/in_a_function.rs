#![deny(warnings)]
use futures_util::{Stream, StreamExt, stream};

fn main() {
    #[tractor::rpc]
    async fn double(n: u64) -> u64 {
        n * 2
    }

    #[tractor::context]
    async fn trainer(ctx: tractor::Context<(), u64, u64>) {
        drop(ctx);
    }

    #[tractor::rpc]
    fn ticks(count: u64) -> impl Stream<Item = u64> {
        stream::iter(0..count)
    }

    #[tractor::main]
    async fn run() {
        drop(trainer());
        assert_eq!(ticks(5).count().await, 5);
        assert_eq!(double(21).await, 42);
    }

    run();
    tractor::modules![self];
}

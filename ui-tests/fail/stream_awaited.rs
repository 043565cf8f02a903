use futures_util::{Stream, stream};

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    stream::iter(0..count)
}

#[tractor::main]
async fn main() {
    ticks(5).await;
}

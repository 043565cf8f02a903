use futures_util::{Stream, stream};

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream {
    stream::iter(0..count)
}

fn main() {
    let _ = ticks(5);
}

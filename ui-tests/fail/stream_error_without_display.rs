use futures_util::{Stream, stream};

#[derive(Debug)]
struct Broken;

#[tractor::rpc]
fn ticks() -> impl Stream<Item = Result<u64, Broken>> {
    stream::iter([Err(Broken)])
}

fn main() {
    let _ = ticks();
}

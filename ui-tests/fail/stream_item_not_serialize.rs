use futures_util::{Stream, stream};

struct Tick;

#[tractor::rpc]
fn ticks() -> impl Stream<Item = Tick> {
    stream::empty()
}

fn main() {
    let _ = ticks();
}

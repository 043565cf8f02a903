use std::rc::Rc;

use futures_util::{Stream, StreamExt, stream};

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    let step = Rc::new(1);
    stream::iter(0..count).map(move |n| n * *step)
}

fn main() {
    let _ = ticks(5);
}

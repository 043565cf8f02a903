use std::rc::Rc;

use futures_util::{Stream, stream};

#[tractor::rpc]
async fn ticks() -> impl Stream<Item = u64> {
    let count = Rc::new(5);
    tokio::task::yield_now().await;
    stream::iter(0..*count)
}

fn main() {
    let _ = ticks();
}

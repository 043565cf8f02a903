#![deny(unused_must_use)]
use futures_util::{Stream, stream};
use tractor::Portal;

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    stream::iter(0..count)
}

fn open(portal: &Portal) {
    portal.open_stream_from(ticks(5));
}

fn main() {
    let _ = open;
}

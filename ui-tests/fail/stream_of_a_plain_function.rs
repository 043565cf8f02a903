use futures_util::{Stream, stream};
use tractor::Portal;

fn ticks() -> impl Stream<Item = u64> {
    stream::iter(0..5)
}

fn open(portal: &Portal) {
    drop(portal.open_stream_from(ticks()));
}

fn main() {
    let _ = open;
}

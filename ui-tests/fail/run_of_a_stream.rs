use futures_util::{Stream, stream};
use tractor::{Portal, Result};

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    stream::iter(0..count)
}

async fn open(portal: Portal) -> Result<()> {
    portal.run(ticks(5)).await
}

fn main() {
    let _ = open;
}

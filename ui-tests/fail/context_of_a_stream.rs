use futures_util::{Stream, stream};
use tractor::{Portal, Result};

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    stream::iter(0..count)
}

async fn open(portal: Portal) -> Result<()> {
    portal.open_context(ticks(5)).scope(async |_ctx, ()| Ok(())).await
}

fn main() {
    let _ = open;
}

use tractor::{Portal, Result};

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    2 * n
}

async fn open(portal: Portal) -> Result<()> {
    portal.open_context(double(7)).scope(async |_ctx, ()| Ok(())).await
}

fn main() {
    let _ = open;
}

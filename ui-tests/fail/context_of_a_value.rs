use tractor::{Portal, Result};

async fn open(portal: Portal) -> Result<()> {
    portal.open_context(7).scope(async |_ctx, ()| Ok(())).await
}

fn main() {
    let _ = open;
}

#![deny(unused_must_use)]
use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    drop(ctx);
    Ok(())
}

fn open(portal: &Portal) {
    trainer();
    portal.open_context(trainer);
}

fn main() {
    let _ = open;
}

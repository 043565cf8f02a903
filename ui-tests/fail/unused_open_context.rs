#![deny(unused_must_use)]
use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

fn open(portal: &Portal) {
    portal.open_context(trainer);
}

fn main() {
    let _ = open;
}

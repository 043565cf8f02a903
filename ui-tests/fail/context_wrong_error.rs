use std::num::ParseIntError;
use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<String, u64, u64>) -> Result<()> {
    ctx.started(String::new()).await?.open_stream().send(1).await
}

async fn open(portal: Portal) -> Result<u64, ParseIntError> {
    portal.open_context(trainer).scope(async |_ctx, first| first.parse()).await
}

fn main() {
    let _ = open;
}

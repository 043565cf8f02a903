use tractor::{Context, Portal, Result};

async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

async fn open(portal: Portal) -> Result<()> {
    portal.open_context(trainer).scope(async |_ctx, ()| Ok(())).await
}

fn main() {
    let _ = open;
}

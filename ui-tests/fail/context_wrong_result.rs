use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<u64> {
    ctx.started(()).await?.open_stream().send(1).await?;
    Ok(7)
}

async fn open(portal: Portal) -> Result<String> {
    portal.open_context(trainer).scope(async |ctx, ()| ctx.result().await).await
}

fn main() {
    let _ = open;
}

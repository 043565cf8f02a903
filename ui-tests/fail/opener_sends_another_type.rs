use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, String>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

async fn open(portal: Portal) -> Result<()> {
    portal
        .open_context(trainer)
        .scope(async |ctx, ()| ctx.open_stream().send(7).await)
        .await
}

fn main() {
    let _ = open;
}

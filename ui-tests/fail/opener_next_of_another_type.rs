use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, String>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

async fn open(portal: Portal) -> Result<()> {
    let scope = portal.open_context(trainer).scope(async |ctx, ()| {
        let _: Option<Result<String>> = ctx.open_stream().next().await;
        Result::Ok(())
    });
    scope.await
}

fn main() {
    let _ = open;
}

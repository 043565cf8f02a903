use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<String, u64, u64>) -> Result<()> {
    let ctx = ctx.started(7).await?;
    ctx.open_stream().send(1).await
}

fn main() {
    let _ = trainer();
}

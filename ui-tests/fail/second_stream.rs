use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    let ctx = ctx.started(()).await?;
    let mut first = ctx.open_stream();
    let mut second = ctx.open_stream();
    first.send(1).await?;
    second.send(2).await
}

fn main() {
    let _ = trainer();
}

use tractor::{Context, Result};

#[tractor::context(window = 8)]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

fn main() {
    let _ = trainer();
}

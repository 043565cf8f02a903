use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), &'static str, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send("progress").await
}

fn main() {
    let _ = trainer();
}

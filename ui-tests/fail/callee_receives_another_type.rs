use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, String>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    let control: Option<u64> = stream.try_next().await?;
    drop(control);
    Ok(())
}

fn main() {
    let _ = trainer();
}

use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    drop(ctx);
    Ok(())
}

#[tractor::main]
async fn main() -> Result<()> {
    trainer().await
}

use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>, model: String) -> Result<()> {
    drop((ctx, model));
    Ok(())
}

#[tractor::main]
async fn main() -> Result<()> {
    trainer("resnet".into()).await
}

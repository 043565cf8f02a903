use tractor::{Context, Result};

#[tractor::rpc]
async fn trainer(ctx: Context<(), String, u64>, model: String) -> Result<()> {
    ctx.started(()).await?.open_stream().send(model).await
}

fn main() {
    let _ = trainer;
}

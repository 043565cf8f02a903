use tractor::{Context, Result};

#[tractor::context]
async fn trainer(model: String, ctx: Context<(), String, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(model).await
}

fn main() {
    let _ = trainer("resnet".into());
}

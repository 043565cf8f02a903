use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), usize, u64>, model: &str) -> Result<()> {
    ctx.started(()).await?.open_stream().send(model.len()).await
}

fn main() {
    let _ = trainer("resnet");
}

use tractor::{Context, Result};

#[tractor::context]
async fn trainer<T>(ctx: Context<(), u64, T>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

fn main() {
    let _ = trainer::<u64>();
}

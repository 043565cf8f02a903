use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, String>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    stream.send("progress".to_owned()).await
}

fn main() {
    let _ = trainer();
}

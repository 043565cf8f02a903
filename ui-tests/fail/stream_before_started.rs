use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    let mut stream = ctx.open_stream();
    stream.send(1).await
}

fn main() {
    let _ = trainer();
}

use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, String>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    let control: Option<Result<u64>> = stream.next().await;
    control.transpose().map(drop)
}

fn main() {
    let _ = trainer();
}

use std::rc::Rc;
use tractor::{Context, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<()> {
    let step = Rc::new(1);
    ctx.started(()).await?.open_stream().send(*step).await
}

fn main() {
    let _ = trainer();
}

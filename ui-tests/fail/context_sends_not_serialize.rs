use tractor::{Context, Result};

struct Progress;

#[tractor::context]
async fn trainer(ctx: Context<(), Progress, ()>) -> Result<()> {
    drop(ctx);
    Ok(())
}

fn main() {
    let _ = trainer();
}

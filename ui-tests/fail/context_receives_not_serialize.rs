use tractor::{Context, Result};

struct Job;

#[tractor::context]
async fn trainer(ctx: Context<(), u64, Job>) -> Result<()> {
    drop(ctx);
    Ok(())
}

fn main() {
    let _ = trainer();
}

use tractor::{Context, Result};

struct Job;

#[tractor::context]
async fn trainer(ctx: Context<Job, u64, u64>) -> Result<()> {
    drop(ctx);
    Ok(())
}

fn main() {
    let _ = trainer();
}

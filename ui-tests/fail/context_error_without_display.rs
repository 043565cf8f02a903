use tractor::Context;

#[derive(Debug)]
struct Broken;

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> Result<(), Broken> {
    drop(ctx);
    Err(Broken)
}

fn main() {
    let _ = trainer();
}

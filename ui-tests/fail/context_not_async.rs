use tractor::Context;

#[tractor::context]
fn trainer(ctx: Context<(), u64, u64>) {
    drop(ctx);
}

fn main() {
    let _ = trainer();
}

use tractor::{Context, Portal, Result, gather_contexts};

#[tractor::context]
async fn one(ctx: Context<(), u64, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(1).await
}

#[tractor::context]
async fn two(ctx: Context<(), u64, u64>) -> Result<()> {
    ctx.started(()).await?.open_stream().send(2).await
}

async fn open(portal: Portal) -> Result<()> {
    let both = [portal.open_context(one), portal.open_context(two)];
    gather_contexts(both).scope(async |_all| Ok(())).await
}

fn main() {
    let _ = open;
}

use tractor::{Context, Portal, Result};

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>, model: String) -> Result<()> {
    drop((ctx, model));
    Ok(())
}

async fn open(portal: Portal) -> Result<()> {
    portal.run(trainer("resnet".into())).await
}

fn main() {
    let _ = open;
}

#![allow(unused)]
#[tractor::context]
async fn trainer(ctx: String, model: String) -> tractor::Result<()> {
    Ok(())
}

fn main() {
    let _ = trainer("resnet".into());
}

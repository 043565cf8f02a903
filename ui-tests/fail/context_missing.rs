#[tractor::context]
async fn trainer() -> tractor::Result<()> {
    Ok(())
}

fn main() {
    let _ = trainer();
}

use tractor::{Dynamic, Portal};

#[tractor::rpc]
async fn nothing() {}

#[tractor::rpc]
fn count() -> Result<u64, String> {
    Ok(7)
}

#[allow(dead_code)]
#[expect(clippy::redundant_closure, reason = "the name alone is above")]
async fn calls(portal: Portal<Dynamic>) -> tractor::Result<()> {
    let () = portal.run(nothing).await?;
    let () = portal.run(nothing()).await?;
    let _: u64 = portal.run(count).await?;
    let _: u64 = portal.run(count()).await?;
    let _: u64 = portal.run(|| count()).await?;
    Ok(())
}

fn main() {}

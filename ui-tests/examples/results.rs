//! What a call in another process yields, whatever the `Result` is called.
use tractor::{Dynamic, Portal};

type Result<T, E = String> = std::result::Result<T, E>;

mod outcome {
    pub type Result = std::result::Result<u8, String>;
}

#[tractor::rpc]
async fn aliased(n: u64) -> Result<u64> {
    Ok(n)
}

#[tractor::rpc]
async fn no_arguments() -> outcome::Result {
    Ok(1)
}

#[tractor::rpc]
async fn nested() -> Option<std::result::Result<u8, String>> {
    None
}

#[tractor::rpc]
async fn relayed() -> tractor::Result<u8> {
    Ok(2)
}

#[allow(dead_code)]
async fn calls(portal: Portal<Dynamic>) -> tractor::Result<()> {
    let _: u64 = portal.run(aliased(1)).await?;
    let _: u8 = portal.run(no_arguments).await?;
    let _: Option<std::result::Result<u8, String>> = portal.run(nested).await?;
    let _: u8 = portal.run(relayed).await?;
    Ok(())
}

#[tractor::main]
async fn main() {
    assert_eq!(aliased(7).await, Ok(7));
}

#![deny(warnings)]
use tractor::Rpc;

mod r#async {
    #[tractor::rpc]
    pub async fn r#type(r#match: u64) -> u64 {
        r#match
    }
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    assert_eq!(r#async::r#type(7).await, 7);
    assert!(<r#async::r#type as Rpc>::PATH.ends_with("::r#async::r#type"));
    Ok(())
}

#[allow(dead_code)]
async fn run() -> tractor::Result<()> {
    tractor::cluster! { modules: [r#async], count: 1 }
        .scope(async |workers| {
            for (_, portal) in &workers {
                portal.run(r#async::r#type(7)).await?;
            }
            Ok(())
        })
        .await
}

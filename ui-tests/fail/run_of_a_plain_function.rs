#![allow(unused)]
async fn plain() {}

async fn with_argument(n: u64) {}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let cluster = tractor::cluster! { modules: [self] };
    cluster.scope(async |workers| {
        for (_, portal) in &workers {
            portal.run(plain).await?;
            portal.run(with_argument(7)).await?;
            portal.run(7).await?;
        }
        Ok(())
    }).await
}

#![allow(unused)]
#[tractor::rpc]
async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let cluster = tractor::cluster! { modules: [self] };
    cluster.scope(async |workers| {
        for (_, portal) in &workers {
            let doubled: String = portal.run(double(7)).await?;
        }
        Ok(())
    }).await
}

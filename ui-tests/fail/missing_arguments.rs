#[tractor::rpc]
async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let _ = double();
    let cluster = tractor::cluster! { modules: [self] };
    cluster.scope(async |workers| {
        for (_, portal) in &workers {
            portal.run(double).await?;
        }
        Ok(())
    }).await
}

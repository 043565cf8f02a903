#[tractor::rpc]
async fn work() {}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let _ = tractor::cluster! {};
    tractor::cluster! { count: 4 }
        .scope(async |workers| {
            for (_, portal) in &workers {
                portal.run(work).await?;
            }
            Ok(())
        })
        .await
}

mod workers {
    #[tractor::rpc]
    pub async fn work() {}
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let _ = tractor::modules![self, workers, self];
    tractor::cluster! { modules: [self::workers, crate::workers] }
        .scope(async |cluster| {
            for (_, portal) in &cluster {
                portal.run(workers::work).await?;
            }
            Ok(())
        })
        .await
}

mod open {
    #[tractor::rpc]
    pub async fn shown() {}
}

mod closed {
    #[tractor::rpc]
    pub async fn secret(n: u64) {}
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let cluster = tractor::cluster! { modules: [self, open] };
    cluster.scope(async |workers| {
        for (_, portal) in &workers {
            portal.run(open::shown).await?;
            portal.run(closed::secret(7)).await?;
        }
        Ok(())
    }).await
}

mod closed {
    #[tractor::rpc]
    pub async fn secret(_n: u64) {}
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    // Of a path like this the id does not depend on the name of this program.
    let cluster = tractor::cluster! { modules: [::dependency, ::dependency::math] };
    cluster.scope(async |workers| {
        for (_, portal) in &workers {
            portal.run(dependency::math::double(1)).await?;
            portal.run(closed::secret(7)).await?;
        }
        Ok(())
    }).await
}

mod closed {
    #[tractor::rpc]
    pub async fn secret(_n: u64) {}
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::nursery().scope(async |an| {
        let math = an.start_actor("math", tractor::modules![::dependency::math]).await?;
        math.run(dependency::math::double(1)).await?;
        math.run(closed::secret(7)).await?;
        math.cancel_actor().await
    }).await
}

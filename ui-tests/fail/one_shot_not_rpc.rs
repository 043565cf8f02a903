async fn sum(a: u64, b: u64) -> u64 {
    a + b
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::nursery().scope(async |an| {
        let sum = an.run_in_actor(sum(1, 2)).await?;
        println!("{}", sum.result().await?);
        Ok(())
    }).await
}

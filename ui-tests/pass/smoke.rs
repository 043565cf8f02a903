//! A first one.
use tractor::Rpc;

/// Whether `n` is prime.
#[tractor::rpc]
async fn is_prime(n: u64) -> bool {
    n > 1 && (2..n).all(|d| n % d != 0)
}

#[tractor::rpc]
fn parse(text: String) -> Result<u64, std::num::ParseIntError> {
    text.parse()
}

#[tractor::main(name = "root", worker_threads = 2)]
async fn main() -> tractor::Result<()> {
    assert!(is_prime(7).await);
    assert_eq!(parse("7".into()).await, Ok(7));
    assert_eq!(is_prime::PATH, concat!(module_path!(), "::is_prime"));
    tractor::cluster! { modules: [self, dependency], count: 4, log_level: "info", hard_kill: true }
        .scope(async |workers| {
            for (_, portal) in &workers {
                let _: bool = portal.run(is_prime(7)).await?;
                let _: u64 = portal.run(parse("7".into())).await?;
                let _: String = portal.run(dependency::at_root).await?;
            }
            Ok(())
        })
        .await
}

//! Code that is generic over functions and portals asks of them what it needs.
use tractor::{Exposes, IntoCall, Portal, Rpc};

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::rpc]
async fn nothing() {}

#[allow(dead_code)]
async fn quadruple<A, I>(portal: &Portal<A>, n: u64) -> tractor::Result<u64>
where
    A: Exposes<double, I>,
{
    let doubled = portal.run(double(n)).await?;
    portal.run(double(doubled)).await
}

#[allow(dead_code)]
async fn once<A, F, I>(portal: &Portal<A>, call: impl IntoCall<F>) -> tractor::Result<F::Output>
where
    A: Exposes<F, I>,
    F: Rpc,
{
    println!("{}", F::PATH);
    portal.run(call).await
}

#[allow(dead_code)]
async fn both() -> tractor::Result<()> {
    let cluster = tractor::cluster! { modules: [self, dependency] };
    cluster
        .scope(async |workers| {
            for (_, portal) in &workers {
                quadruple(portal, 7).await?;
                once(portal, nothing).await?;
            }
            Ok(())
        })
        .await
}

fn main() {}

use std::time::Duration;

use tractor::{Nursery, Portal, Restart, RestartType};

mod svc {
    #[tractor::rpc]
    pub async fn double(n: u64) -> u64 {
        n * 2
    }
}

#[tractor::rpc]
async fn nap() {}

async fn grow(an: &Nursery) -> tractor::Result<Portal> {
    let daemon = an
        .start_actor("daemon", tractor::modules![self, svc])
        .await?;
    daemon.run(nap).await?;
    daemon.run(svc::double(1)).await?;
    Ok(daemon.dynamic())
}

fn is_send<T: Send>(future: T) -> T {
    future
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let strategy = Restart::OneForOne;
    let _ = tractor::cluster! { modules: [self], restart: strategy };
    let _ = tractor::cluster! {
        modules: [self],
        restart: RestForOne,
        max_restarts: 7,
        restart_window: Duration::from_secs(60),
        restart_backoff: Duration::ZERO..=Duration::from_secs(1),
    };
    let scope = tractor::nursery()
        .restart(Restart::OneForAll)
        .scope(async |an| {
            let twice = an.run_in_actor(svc::double(21)).await?;
            let napping = an
                .actor("napping")
                .restart_type(RestartType::Temporary)
                .env("KEY", "value")
                .run(nap)
                .await?;
            grow(&an).await?.cancel_actor().await?;
            napping.result().await?;
            twice.result().await
        });
    let twice = is_send(scope).await?;
    assert_eq!(twice, 42);
    Ok(())
}

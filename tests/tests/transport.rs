//! What carries the bytes between a parent and a child.

use tests::actor::{assert_nobody_left, fresh_name};
use tractor::{Config, Transport};

/// Whether this process shares memory with another by a link.
#[tractor::rpc]
fn shares_memory() -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("a list of what is mapped");
    maps.contains("/memfd:tractor-link")
}

/// What is asked for, unless the environment beats it.
fn expected(asked: Transport) -> Transport {
    match std::env::var("TRACTOR_TRANSPORT").as_deref() {
        Ok("socket") => Transport::Socket,
        Ok(_) => Transport::SharedMemory,
        Err(_) => asked,
    }
}

#[tractor::test(name = fresh_name())]
async fn code_chooses_the_transport_of_children() -> tractor::Result<()> {
    tractor::nursery()
        .scope(async |an| {
            for transport in [Transport::SharedMemory, Transport::Socket] {
                let actor = an.actor("child").config(Config::new().transport(transport));
                let shares = actor.run(shares_memory()).await?.result().await?;
                let shared = expected(transport) == Transport::SharedMemory;
                assert_eq!(shares, shared, "{transport:?}");
            }
            Ok::<_, tractor::Error>(())
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn cluster_shares_memory_by_default() -> tractor::Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            let shared = expected(Transport::default()) == Transport::SharedMemory;
            for (_, shares) in workers.run_all(shares_memory()).await {
                assert_eq!(shares?, shared);
            }
            Ok::<_, tractor::Error>(())
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

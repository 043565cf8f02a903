//! Three levels of actors: one call fans out over them, and the answer climbs back.
//!
//! The root asks a *region* for its population, the region opens a nursery of its own and asks its
//! *towns*, and each town counts its streets in a cluster. Where something fails at the bottom, the
//! error arrives at the top with the whole way that it took, and nothing of the tree is left.
//!
//! ```console
//! $ cargo run --release --example nested_actor_tree
//! north has 60 inhabitants
//! south has 60 inhabitants
//! `nested_actor_tree::inhabitants` failed in root.region.town.worker_1[4251]: street 13 is flooded
//! it came through root.region.town[4249], root.region[4247]
//! ```

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use tractor::{Error, OneShot, Result};

/// The lowest level: one street.
#[tractor::rpc]
async fn inhabitants(street: u64) -> Result<u64, String> {
    match street {
        13 => Err("street 13 is flooded".to_owned()),
        street => Ok(street % 5 * 2),
    }
}

/// A town counts them in a cluster of its own.
#[tractor::rpc]
async fn town(streets: Vec<u64>) -> Result<u64> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            let mut sum = 0;
            let mut counts = workers.map(streets, inhabitants);
            while let Some((_street, count)) = counts.next().await {
                sum += count?;
            }
            Ok(sum)
        })
        .await
}

/// A region asks its towns, each in an actor of its own, all at once.
#[tractor::rpc]
async fn region(towns: Vec<Vec<u64>>) -> Result<u64> {
    tractor::nursery()
        .scope(async |an| {
            let mut counts = Vec::new();
            for streets in towns {
                counts.push(an.run_in_actor(town(streets)).await?);
            }
            let counts = counts.into_iter().map(OneShot::result);
            Ok(try_join_all(counts).await?.iter().sum())
        })
        .await
}

#[tractor::main]
async fn main() -> Result<()> {
    let dry = vec![vec![1, 2, 3, 4], vec![6, 7, 8, 9], vec![11, 12, 14, 18]];
    for name in ["north", "south"] {
        let count = tractor::nursery()
            .scope(async |an| an.run_in_actor(region(dry.clone())).await?.result().await)
            .await?;
        println!("{name} has {count} inhabitants");
    }

    let flooded = vec![vec![1, 13]];
    let failed = tractor::nursery()
        .scope(async |an| an.run_in_actor(region(flooded)).await?.result().await)
        .await;
    let Err(Error::Remote(error)) = failed else {
        panic!("the flood is told: {failed:?}");
    };
    let way: Vec<_> = error.relay_path().iter().map(ToString::to_string).collect();
    println!("{error}");
    println!("it came through {}", way.join(", "));
    Ok(())
}

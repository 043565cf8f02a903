//! Why did it crash? In debug mode the actor stops where that happens, before anything is unwound.
//!
//! A bakery shares its loaves among the customers of each day, and one day nobody comes. That is found two
//! levels below the root, and there is a prompt there: what were the arguments, who called, what else goes on?
//! Where nobody is at a terminal, as in CI, a report is printed instead.
//!
//! ```console
//! $ cargo run --example why_did_it_crash --features tractor/debug
//! ```

use tractor::{Result, modules};

/// How many loaves each customer gets.
#[tractor::rpc]
async fn share(loaves: u64, customers: u64) -> u64 {
    // Nobody has looked whether there are any.
    loaves / customers
}

/// Opens on so many days, and sells everything on each.
#[tractor::rpc]
async fn open(loaves: u64, customers: Vec<u64>) -> Result<Vec<u64>> {
    tractor::nursery()
        .scope(async |an| {
            let till = an.start_actor("till", modules![self]).await?;
            let mut shares = Vec::new();
            for customers in customers {
                shares.push(till.run(share(loaves, customers)).await?);
            }
            till.cancel_actor().await?;
            Ok(shares)
        })
        .await
}

#[tractor::main(debug_mode = true)]
async fn main() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["bakery"] }
        .scope(async |workers| {
            match workers["bakery"].run(open(180, vec![60, 45, 0])).await {
                Ok(shares) => println!("each has got {shares:?}"),
                Err(error) => println!("closed: {error}"),
            }
            Ok(())
        })
        .await
}

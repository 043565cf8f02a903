//! A tree to look into: `inspected HOW`, where a bakery has a mill that does not get done.

#![forbid(unsafe_code)]

use std::future::pending;
use std::thread::park;

use tests::actor::spawn;
use tokio::sync::Semaphore;
use tractor::{Context, Portal, Result, modules, parent_portal};

/// Whether the mill was asked.
static ASKED: Semaphore = Semaphore::const_new(0);

/// What the bakery does.
mod bakery {
    use super::{ASKED, Result, mill, modules, parent_portal, shop};

    #[tractor::rpc]
    pub async fn bake(how: String) -> Result<()> {
        tractor::nursery()
            .scope(async |an| {
                let mill = an.start_actor("mill", modules![super::mill]).await?;
                let grind = mill.run(mill::grind(how == "stuck"));
                let mut grind = Box::pin(grind);
                // Begun before it is said so.
                tokio::select! {
                    biased;
                    _ = &mut grind => unreachable!("it never ends"),
                    () = async { ASKED.add_permits(1) } => {}
                }
                grind.await
            })
            .await
    }

    #[tractor::rpc]
    pub async fn order() -> Result<()> {
        let shop = parent_portal().expect("the shop has started it");
        shop.expect(modules![super::shop])
            .await?
            .run(shop::pay)
            .await
    }

    /// Returns once the mill was asked.
    #[tractor::rpc]
    pub async fn asked() {
        ASKED.acquire().await.expect("it is never closed").forget();
    }
}

/// Two that talk, and both wait for the other to begin.
mod dialog {
    use super::{Context, Portal, Result};

    #[tractor::context]
    pub async fn listen(ctx: Context<(), String, String>) -> Result<()> {
        let mut stream = ctx.started(()).await?.open_stream();
        while let Some(question) = stream.try_next().await? {
            stream.send(question).await?;
        }
        Ok(())
    }

    pub(super) async fn wait_for_each_other(bakery: &Portal) -> Result<()> {
        bakery
            .open_context(listen)
            .scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                println!("up");
                stream.try_next().await.map(drop)
            })
            .await
    }
}

/// What the mill does.
mod mill {
    use super::{block, pending};

    #[tractor::rpc]
    pub async fn grind(blocks: bool) {
        match blocks {
            true => block(),
            false => pending().await,
        }
    }
}

/// What the shop, which is the root, does for its bakery.
mod shop {
    use super::pending;

    #[tractor::rpc]
    pub async fn pay() {
        println!("up");
        pending::<()>().await;
    }
}

fn block() -> ! {
    loop {
        park();
    }
}

// Tests of a release build look into it, too.
#[tractor::main(name = "shop", inspect = true)]
async fn main() -> Result<()> {
    let how = std::env::args().nth(1).unwrap_or_default();
    tractor::nursery()
        .scope(async |an| {
            let bakery = an.actor("bakery").modules(modules![bakery, dialog]);
            let bakery = bakery.serve(modules![shop]).start().await?;
            if how == "entangled" {
                return bakery.run(bakery::order).await;
            }
            if how == "dialog" {
                return dialog::wait_for_each_other(&bakery.dynamic()).await;
            }
            let (baking, asks) = (bakery.clone(), how.clone());
            spawn(async move { baking.run(bakery::bake(asks)).await });
            bakery.run(bakery::asked).await?;
            println!("up");
            match how.as_str() {
                "blocked" => block(),
                _ => pending().await,
            }
        })
        .await
}

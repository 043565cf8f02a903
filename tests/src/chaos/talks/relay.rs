//! A context in the middle: its function hands on what it hears.

use futures_util::future::try_join;
use tractor::{Context, Error, ReceiveHalf, Result, SendHalf, modules};

use super::contexts::talk;
use super::items::Item;
use super::plan::Talk;
use crate::chaos::calls::{Kind, Made, told};
use crate::chaos::deeds::Begun;
use crate::chaos::log::fresh_id;
use crate::chaos::plan::Strategy;
use crate::chaos::scopes::{nursery, scope};

/// Opens a context with a child of its own, and hands on what comes from either side.
#[tractor::context]
pub async fn relay(
    ctx: Context<u32, Item, Item>,
    id: u64,
    child: String,
    what: Talk,
) -> Result<u64> {
    let _begun = Begun::new(id);
    let names = vec![child.clone()];
    scope(
        nursery(Strategy::Never),
        Strategy::Never,
        names,
        async |an| {
            let portal = an.start_actor(&child, modules![super::contexts]).await?;
            let inner = fresh_id();
            let opened = portal.open_context(talk(inner, id, what));
            let far = opened.scope(async |far, _| {
                let near = ctx.started(std::process::id()).await?.open_stream();
                let (to_near, from_near) = near.split();
                let (to_far, from_far) = far.open_stream().split();
                try_join(hand_on(from_near, to_far), hand_on(from_far, to_near)).await?;
                far.result().await
            });
            let result = told(Made::new(inner, &child, Kind::Endless, 0), far).await;
            an.cancel().await;
            result
        },
    )
    .await
}

/// Hands on everything up to the end, or up to where nobody wants it any more.
async fn hand_on(mut from: ReceiveHalf<Item>, mut to: SendHalf<Item>) -> Result<()> {
    while let Some(item) = from.try_next().await? {
        match to.send(item).await {
            Err(Error::StreamClosed(_)) => return Ok(()),
            sent => sent?,
        }
    }
    Ok(())
}

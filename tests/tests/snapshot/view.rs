//! A tree in view: it is grown, looked at, searched.

use std::future::pending;
use std::time::Duration;

use tests::actor::until;
use tests::workers::nap;
use tractor::{ActorSnapshot, Result, modules, snapshot};

/// Long enough for all that answer, on any machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Starts `below`, calls it, and waits for ever.
#[tractor::rpc]
pub(crate) async fn nest(serves: bool) -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let below = an.actor("below").modules(modules![tests::workers]);
            let below = below.start().await?;
            match serves {
                true => below.run(nap).await,
                false => pending().await,
            }
        })
        .await
}

/// Looks until the tree is as it should be.
pub(crate) async fn seen(
    what: &str,
    timeout: Duration,
    is_so: impl Fn(&ActorSnapshot) -> bool,
) -> ActorSnapshot {
    let mut last = None;
    until(what, async || {
        let seen = snapshot().timeout(timeout).await.expect("this is the root");
        let so = is_so(&seen);
        last = Some(seen);
        so
    })
    .await;
    last.expect("it was looked once")
}

/// The one whose name this is.
pub(crate) fn named<'a>(seen: &'a ActorSnapshot, name: &str) -> &'a ActorSnapshot {
    let path = format!("{}.{name}", seen.path);
    seen.find(&path)
        .unwrap_or_else(|| panic!("no `{name}`:\n{seen}"))
}

pub(crate) fn answers(actor: &ActorSnapshot, function: &str) -> bool {
    let mut calls = actor.answering.iter();
    calls.any(|call| call.function.ends_with(function))
}

pub(crate) fn waits_for(actor: &ActorSnapshot, function: &str) -> bool {
    let mut calls = actor.waiting.iter();
    calls.any(|call| call.function.ends_with(function))
}

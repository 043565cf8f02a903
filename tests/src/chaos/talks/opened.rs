//! The opener's side of contexts.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use tractor::{ContextFn, Error, Exposes, OpenedContext, Portal, Result, gather_contexts};

use super::contexts::{converse, talk};
use super::items::{Direction, Item, Lane};
use super::plan::{Leave, Talk};
use super::relay::relay;
use crate::chaos::calls::{Kind, Made, kind_of, probe, tell};
use crate::chaos::deeds::act;
use crate::chaos::log::{fresh_id, write};

/// What the body of a context fails with.
enum Broken {
    /// It is its own error.
    Own,
    /// It comes from the context.
    By(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::By(error)
    }
}

/// Opens a context with an actor.
///
/// # Errors
///
/// What the context fails with.
pub async fn alone<A, I, J>(portal: Portal<A>, name: String, what: Talk, kind: Kind) -> Result<()>
where
    A: Exposes<talk, I> + Exposes<act, J>,
{
    let id = fresh_id();
    let made = Made::new(id, &name, kind, 0);
    let opened = portal.open_context(talk(id, id, what));
    let scope = opened.scope(async |ctx, pid| body(vec![(ctx, pid)], &[id], what).await);
    ended(vec![made], what, scope).await?;
    match what.leave {
        Leave::Drops(_) => probe(&portal, &name).await,
        _ => Ok(()),
    }
}

/// Opens a context with an actor that opens one with its own child in turn.
///
/// # Errors
///
/// What the context fails with.
pub async fn relayed<A, I>(
    portal: Portal<A>,
    [name, child]: [String; 2],
    what: Talk,
    kind: Kind,
) -> Result<()>
where
    A: Exposes<relay, I>,
{
    let id = fresh_id();
    let made = Made::new(id, &name, kind, 0);
    let opened = portal.open_context(relay(id, child, what));
    let scope = opened.scope(async |ctx, pid| body(vec![(ctx, pid)], &[id], what).await);
    ended(vec![made], what, scope).await
}

/// Opens a context with each of several actors.
///
/// # Errors
///
/// What the contexts fail with.
pub async fn gathered<A, I>(portals: Vec<(Portal<A>, String)>, what: Talk, kind: Kind) -> Result<()>
where
    A: Exposes<talk, I>,
{
    let ids: Vec<_> = portals.iter().map(|_| fresh_id()).collect();
    let made = portals.iter().zip(&ids);
    let made = made.map(|((_, name), &id)| Made::new(id, name, kind, 0));
    let made: Vec<_> = made.collect();
    for id in &ids {
        write("gathered", &[id]);
    }
    let opened = portals.iter().zip(&ids);
    let opened = opened.map(|((portal, _), &id)| portal.open_context(talk(id, id, what)));
    let scope = gather_contexts(opened).scope(async |opened| body(opened, &ids, what).await);
    ended(made, what, scope).await
}

/// Waits until a scope of contexts has ended, and logs with what.
async fn ended(
    made: Vec<Made>,
    what: Talk,
    scope: impl Future<Output = Result<(), Broken>>,
) -> Result<()> {
    let result = match what.leave {
        Leave::Drops(millis) => match timeout(Duration::from_millis(millis), scope).await {
            Ok(result) => result,
            Err(_) => return Ok(()),
        },
        _ => scope.await,
    };
    let outcome = match &result {
        Ok(()) => "ok",
        Err(Broken::Own) => "own",
        Err(Broken::By(error)) => {
            // Of several contexts, nobody knows whose it is.
            let whose = match &made[..] {
                [only] => only.id(),
                _ => fresh_id(),
            };
            tell(whose, error);
            kind_of(error)
        }
    };
    made.into_iter().for_each(|made| made.ended(outcome));
    match result {
        Ok(()) | Err(Broken::Own) => Ok(()),
        Err(Broken::By(error)) => Err(error),
    }
}

/// The body of a scope of contexts: talks until all is said or its time is over.
async fn body<F>(
    contexts: Vec<(OpenedContext<F>, u32)>,
    ids: &[u64],
    what: Talk,
) -> Result<(), Broken>
where
    F: ContextFn<Tx = Item, Rx = Item, Output = u64>,
{
    let said = contexts.iter().zip(ids).map(|((ctx, _), &stream)| {
        let lane = |direction, flow| Lane {
            stream,
            direction,
            flow,
        };
        let out = lane(Direction::Down, what.down);
        let back = lane(Direction::Up, what.up);
        converse(ctx.open_stream(), out, back, what.in_turns)
    });
    // Held until the end: what is dropped here before says that it has ended on purpose.
    let mut said = Box::pin(join_all(said));
    match what.leave {
        Leave::Waits | Leave::Drops(_) => drop((&mut said).await),
        Leave::Cancels(millis) | Leave::Fails(millis) | Leave::Returns(millis) => {
            let _ = timeout(Duration::from_millis(millis), &mut said).await;
            for id in ids {
                let on_purpose = matches!(what.leave, Leave::Returns(_));
                write("leaving", &[id, &Direction::Down.word(), &on_purpose]);
            }
        }
    }
    for ((ctx, pid), id) in contexts.into_iter().zip(ids) {
        if ctx.callee().pid() != pid {
            write("garbled", &[id]);
        }
        match what.leave {
            Leave::Cancels(_) => ctx.cancel().await?,
            Leave::Fails(_) => return Err(Broken::Own),
            Leave::Returns(_) => {}
            Leave::Waits | Leave::Drops(_) => {
                if ctx.result().await? != *id {
                    write("garbled", &[id]);
                }
            }
        }
    }
    Ok(())
}

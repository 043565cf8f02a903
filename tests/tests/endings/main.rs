//! How contexts end: who ends them, how and when, and what each side sees of it.
//!
//! Nothing here can end by a timeout of the library: they are an hour long.
//!
//! ```text
//!   root ═▶ opener ═▶ callee                    who: opener, callee, neighbour (a task of the
//!   root ═▶ middle ═▶ opener ═▶ callee               opener's actor), root, parent (middle)
//! ```
//!
//! What the opener sees is what its stream reads and what its scope returns, or how the handler ends
//! that the scope is in. `dropped` is told nothing: its actor has lost its parent.
//!
//! | who | how | before it has started | mid-stream | during the drain |
//! |---|---|---|---|---|
//! | opener | returns | ¹ | ok / reads `None`, returns | ² |
//! | | fails | ¹ | its own error / cancelled, dropped call | ² |
//! | | panics | ¹ | its panic / cancelled, dropped call | ² |
//! | | cancels | ¹ | reads `Cancelled`, ok / cancelled, dropped call | ² |
//! | | drops the scope | / cancelled, dropped call | the same | the same |
//! | | SIGKILL | / dropped | the same | the same |
//! | | cuts | `ActorDied` / dropped | reads and returns `ActorDied` / dropped | `ActorDied` / dropped |
//! | callee | returns | `Config` | reads `None`, ok | ok |
//! | | fails, panics | `Remote` | reads and returns `Remote` | `Remote` |
//! | | cancels | ³ | ³ | ³ |
//! | | drops | ⁴ | ⁴ | ⁴ |
//! | | SIGKILL, cuts | `ActorDied` | reads and returns `ActorDied` | `ActorDied` |
//! | neighbour | cancels the callee | `Cancelled` / cancelled, ended actor | reads and returns `Cancelled` / same | as before |
//! | | all else | ⁵ | ⁵ | ⁵ |
//! | root | cancels the opener | cancelled, ended actor / cancelled, dropped call | the same | the same |
//! | | drops the call | cancelled, dropped call / the same | the same | the same |
//! | | all else | ⁶ | ⁶ | ⁶ |
//! | parent | returns, fails, panics, cancelled, dropped | cancelled, dropped call / the same | the same | the same |
//! | | SIGKILL, cuts | dropped / dropped or killed | the same | the same |
//!
//! ¹ The body begins when the context has started. ² The body has returned. ³ A function has no means
//! to cancel its own context. ⁴ A function is dropped only by a cancellation. ⁵ Nothing links such a
//! task with the context; as an actor, it is the opener. ⁶ The root is the parent of the opener.

mod case;
mod table;

use std::collections::BTreeMap;
use std::future::pending;
use std::path::PathBuf;

use nix::sys::signal::{Signal, raise};
use tests::actor::{assert_nobody_left, begin, done, fresh_name, patient, spawn, until, within};
use tests::disk::TempDir;
use tests::process;
use tractor::{Context, ContextStream, OpenedContext, Portal, current_actor, modules};

use self::case::{Case, Witness, cut_lifeline, cut_since, sockets, told};
use self::table::{Cell, How, Row, TABLE, When, Who};

fn die() {
    raise(Signal::SIGKILL).expect("a process can signal itself");
}

#[derive(Debug, thiserror::Error)]
#[error("as it was told")]
struct AsTold;

/// The callee.
#[tractor::context]
async fn answer(ctx: Context<(), u32, u32>, case: Case) -> anyhow::Result<()> {
    let witness = Witness::new(&case, "callee");
    let mut stream = None;
    if case.when != When::Before {
        let stream = stream.insert(ctx.started(()).await?.open_stream());
        stream.send(1).await?;
        match stream.next().await {
            // The body has returned.
            None => assert_eq!(case.when, When::Drain),
            Some(item) => assert_eq!(item?, 1),
        }
    }
    case.note("come", "now");
    if case.who == Who::Callee {
        match case.how {
            How::Returns => {
                witness.ends("returned");
                return Ok(());
            }
            How::Fails => {
                witness.ends("failed");
                return Err(AsTold.into());
            }
            How::Panics => panic!("as it was told"),
            How::Dies => die(),
            How::Cuts => cut_lifeline(),
            How::Cancels | How::Drops => unreachable!("there is no such cell"),
        }
    } else if case.when == When::Mid {
        let stream = stream.as_mut().expect("it was opened");
        read(stream, &case, "callee").await;
        witness.ends("returned");
        return Ok(());
    }
    pending().await
}

/// Reads a stream to its end.
async fn read(stream: &mut ContextStream<u32, u32>, case: &Case, side: &str) {
    match stream.next().await {
        None => case.note(side, "read None"),
        Some(Err(error)) => case.note(side, format!("read {}", told(&error))),
        Some(Ok(item)) => panic!("nobody sends {item}"),
    }
}

/// The opener, and the middle above it.
#[tractor::rpc]
async fn open(case: Case, parent: bool) -> anyhow::Result<()> {
    let before = sockets();
    let nursery = tractor::nursery().config(patient());
    if parent {
        return nursery
            .scope(async |an| {
                let opener = an.start_actor("opener", modules![self]).await?;
                tokio::select! {
                    result = opener.run(open(case.clone(), false)) => result?,
                    result = end_as_parent(&case, &before) => result?,
                }
                an.cancel().await;
                Ok(())
            })
            .await;
    }
    let witness = Witness::new(&case, "opener");
    nursery
        .scope(async |an| {
            let callee = an.start_actor("callee", modules![self]).await?;
            if case.who == Who::Neighbour {
                let (case, callee) = (case.clone(), callee.clone());
                spawn(async move {
                    case.come().await;
                    callee.cancel_actor().await
                });
            }
            let scope = callee
                .open_context(answer(case.clone()))
                .scope(async |ctx, ()| hold(ctx, &case).await);
            tokio::select! {
                result = scope => witness.ends(match &result {
                    Ok(()) => "scope ok".into(),
                    Err(error) => match error.downcast_ref() {
                        Some(error) => format!("scope {}", told(error)),
                        None => "scope own error".into(),
                    },
                }),
                () = end_around_the_scope(&case, &before) => witness.ends("scope dropped"),
            }
            an.cancel().await;
            Ok(())
        })
        .await
}

/// The ending of the opener's parent, if that is the case.
async fn end_as_parent(case: &Case, before: &BTreeMap<i32, PathBuf>) -> anyhow::Result<()> {
    case.come().await;
    match case.how {
        How::Returns => return Ok(()),
        How::Fails => return Err(AsTold.into()),
        How::Panics => panic!("as it was told"),
        How::Dies => die(),
        How::Cuts => cut_since(before),
        // The root does.
        How::Cancels | How::Drops => {}
    }
    pending().await
}

/// Resolves when the opener drops its scope; other endings of it that are not its body's.
async fn end_around_the_scope(case: &Case, before: &BTreeMap<i32, PathBuf>) {
    case.come().await;
    match case.how {
        How::Drops if case.who == Who::Opener => return,
        How::Dies if case.who == Who::Opener => die(),
        How::Cuts if case.who == Who::Opener => cut_since(before),
        _ => {}
    }
    pending::<()>().await;
}

/// The body of the opener's scope.
async fn hold(ctx: OpenedContext<answer>, case: &Case) -> anyhow::Result<()> {
    if case.when == When::Drain {
        return Ok(());
    }
    let mut stream = ctx.open_stream();
    assert_eq!(stream.try_next().await?, Some(1));
    stream.send(1).await?;
    let ends_itself = !matches!(case.how, How::Drops | How::Dies | How::Cuts);
    if case.who == Who::Opener && ends_itself {
        case.come().await;
        match case.how {
            How::Fails => return Err(AsTold.into()),
            How::Panics => panic!("as it was told"),
            How::Cancels => ctx.cancel().await?,
            _ => return Ok(()),
        }
    }
    read(&mut stream, case, "opener").await;
    Ok(())
}

/// Plays one cell, and looks whether both sides have seen what the table says.
async fn play(case: &Case, cell: Cell) {
    let Cell::Sees { opener, callee } = cell else {
        return;
    };
    let nursery = tractor::nursery().config(patient());
    let ended = nursery.scope(async |an| {
        let parent = case.who == Who::Parent;
        let name = if parent { "middle" } else { "opener" };
        let first = an.start_actor(name, modules![self]).await?;
        end_as_root(case, &first.dynamic(), parent).await;
        an.cancel().await;
        done()
    });
    // How the scope of the root ends is the nursery's business.
    let _ = within(&format!("{case:?} ends"), ended).await;
    if matches!(case.how, How::Dies | How::Cuts) {
        // Orphans end by themselves (S2), and nobody waits for them.
        until("the orphans are gone", async || {
            process::of_root(current_actor().aid().path()).is_empty()
        })
        .await;
    }
    let seen = |expected: &str, side: &str| {
        let notes = case.notes(side);
        assert!(
            expected.split('|').any(|one| one == notes),
            "{case:?}: the {side} has seen {notes:?}, and not {expected:?}"
        );
    };
    seen(opener, "opener");
    seen(callee, "callee");
    assert_nobody_left().await;
}

async fn end_as_root(case: &Case, first: &Portal, parent: bool) {
    let mut call = Box::pin(first.run(open(case.clone(), parent)));
    begin(&mut call).await;
    let by_root = case.who == Who::Root || case.who == Who::Parent;
    if by_root && case.how == How::Cancels {
        case.come().await;
        first.cancel_actor().await.expect("it can be cancelled");
    } else if by_root && case.how == How::Drops {
        case.come().await;
        drop(call);
        until("the opener is cancelled", async || {
            !case.notes("opener").is_empty() && !case.notes("callee").is_empty()
        })
        .await;
        return;
    }
    // What it returns, the opener has written down.
    let _ = call.await;
}

/// Plays every cell of a row that there is.
async fn play_all(who: Who) -> tractor::Result<()> {
    for Row { how, cells, .. } in TABLE.iter().filter(|row| row.who == who) {
        for (when, cell) in When::ALL.into_iter().zip(*cells) {
            let dir = TempDir::new();
            let path = dir.path().to_owned();
            let case = Case {
                who,
                how: *how,
                when,
                dir: path,
            };
            play(&case, cell).await;
        }
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn opener_ends() -> tractor::Result<()> {
    play_all(Who::Opener).await
}

#[tractor::test(name = fresh_name())]
async fn callee_ends() -> tractor::Result<()> {
    play_all(Who::Callee).await
}

#[tractor::test(name = fresh_name())]
async fn neighbour_ends_the_callee() -> tractor::Result<()> {
    play_all(Who::Neighbour).await
}

#[tractor::test(name = fresh_name())]
async fn root_ends_the_opener() -> tractor::Result<()> {
    play_all(Who::Root).await
}

#[tractor::test(name = fresh_name())]
async fn parent_of_the_opener_ends() -> tractor::Result<()> {
    play_all(Who::Parent).await
}

#[test]
fn table_is_complete() {
    for who in Who::ALL {
        for how in How::ALL {
            let rows = TABLE.iter().filter(|row| row.who == who && row.how == how);
            assert_eq!(rows.count(), 1, "{who:?} {how:?}");
        }
    }
}

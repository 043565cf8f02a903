//! What is seen of actors that answer.

use std::future::pending;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, begin, done, fresh_name, signal, within};
use tests::stage::{gate, open_gate};
use tests::workers::{add, pid};
use tractor::{
    ActorSnapshot, ActorState, Error, Portal, Restart, Result, current_actor, modules, shield,
    snapshot,
};

use crate::view::{LONG, answers, named, nest, seen, waits_for};

/// The tree, as this actor sees it.
#[tractor::rpc]
async fn look() -> Result<ActorSnapshot> {
    snapshot().timeout(LONG).await
}

/// Ends only when it is let, also when it is cancelled.
#[tractor::rpc]
async fn hold_on() {
    shield(gate()).await;
    pending::<()>().await;
}

/// Counts for ever.
#[tractor::rpc]
fn endless() -> impl Stream<Item = u64> {
    stream::iter(0..)
}

#[tractor::test(name = fresh_name())]
async fn calls_are_seen_at_both_ends_and_at_any_depth() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![crate::view]).await?;
            let mut call = pin!(a.run(nest(true)));
            begin(&mut call).await;
            let me = current_actor();
            let seen = seen("the call below", LONG, |seen| {
                let below = seen.find(&format!("{}.a.below", seen.path));
                below.is_some_and(|below| answers(below, "workers::nap"))
            })
            .await;

            assert_eq!(seen.aid.as_ref(), Some(me.aid()));
            assert_eq!((seen.state, seen.answering.len()), (ActorState::Running, 0));
            let [waiting] = &seen.waiting[..] else {
                panic!("one call is waited for, and none of the library's own:\n{seen}");
            };
            assert_eq!(waiting.function, "snapshot::view::nest");
            assert_eq!((&waiting.peer, waiting.cancelled), (&a.aid(), false));

            let child = named(&seen, "a");
            assert_eq!(child.aid, Some(a.aid()));
            let [answering] = &child.answering[..] else {
                panic!("one call is worked on:\n{seen}");
            };
            assert_eq!(answering.function, "snapshot::view::nest");
            assert_eq!(&answering.peer, me.aid());
            assert!(waits_for(child, "workers::nap"), "{seen}");

            let below = named(&seen, "a.below");
            assert_eq!(below.answering[0].peer, a.aid());
            for actor in seen.iter() {
                let process = actor.process.as_ref().expect("it has a process");
                assert_eq!(Some(process.pid), actor.aid.as_ref().map(tractor::Aid::pid));
                assert!(process.memory > 0 && process.threads > 0, "{seen}");
                assert_eq!(actor.restarts, 0);
            }
            a.cancel_actor().await?;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn any_actor_sees_the_whole_tree() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![crate::view]).await?;
            let b = an.start_actor("b", modules![self]).await?;
            let mut call = pin!(a.run(nest(false)));
            begin(&mut call).await;
            seen("the one below", LONG, |seen| {
                seen.find(&format!("{}.a.below", seen.path)).is_some()
            })
            .await;
            let theirs = within("what a child sees", b.run(look())).await?;
            let paths: Vec<_> = theirs.iter().map(|actor| actor.path.as_str()).collect();
            let root = current_actor().aid().path().to_owned();
            let expected = ["", ".a", ".a.below", ".b"].map(|name| format!("{root}{name}"));
            assert_eq!(paths, expected);
            assert!(
                answers(named(&theirs, "b"), "snapshot::sights::look"),
                "{theirs}"
            );
            assert!(waits_for(&theirs, "snapshot::sights::look"), "{theirs}");
            assert_eq!(
                theirs.answering,
                [],
                "of the library's own calls nobody is told"
            );
            a.cancel_actor().await?;
            b.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn restarts_are_counted() -> Result<()> {
    tractor::nursery()
        .restart(Restart::OneForOne)
        .scope(async |an| {
            let a = an.start_actor("a", modules![tests::workers]).await?;
            let first = a.run(pid).await?;
            signal(a.aid(), Signal::SIGKILL);
            let seen = seen("the next process", LONG, |seen| {
                let a = named(seen, "a");
                (a.restarts, a.state) == (1, ActorState::Running)
            })
            .await;
            let next = named(&seen, "a").aid.as_ref().map(tractor::Aid::pid);
            assert_ne!(next, Some(first));
            assert_eq!(next, Some(a.run(pid).await?));
            a.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn stream_that_nobody_reads_is_seen() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            let mut numbers = pin!(a.open_stream_from(endless()));
            assert_eq!(numbers.next().await.transpose()?, Some(0));
            let seen = seen("that it is stuck", LONG, |seen| {
                let mut there = named(seen, "a").streams.iter();
                let mut here = seen.streams.iter();
                there.any(|stream| stream.credit == 0) && here.any(|stream| stream.unread > 0)
            })
            .await;
            let [here] = &seen.streams[..] else {
                panic!("there is one stream:\n{seen}");
            };
            assert_eq!(
                (here.function.as_str(), &here.peer),
                ("snapshot::sights::endless", &a.aid())
            );
            let there = &named(&seen, "a").streams[0];
            assert_eq!(there.function, "snapshot::sights::endless");
            assert_eq!(&there.peer, current_actor().aid());
            a.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn call_that_is_cancelled_and_not_gone_is_seen() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self, tests::stage]).await?;
            {
                let mut call = pin!(a.run(hold_on));
                begin(&mut call).await;
                seen("that it has begun", LONG, |seen| {
                    answers(named(seen, "a"), "hold_on")
                })
                .await;
            }
            let cancelled = |calls: &[tractor::CallSnapshot]| {
                matches!(calls, [call]
                    if call.cancelled && call.function == "snapshot::sights::hold_on")
            };
            seen("its cancellation", LONG, |seen| {
                cancelled(&seen.waiting) && cancelled(&named(seen, "a").answering)
            })
            .await;
            a.run(open_gate).await?;
            seen("that it is gone", LONG, |seen| {
                seen.waiting.is_empty() && named(seen, "a").answering.is_empty()
            })
            .await;
            a.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn portal_still_exposes_only_what_is_listed() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![tests::workers]).await?;
            let refused = a.dynamic().run(look()).await;
            assert!(
                matches!(refused, Err(Error::ModuleNotExposed(_))),
                "{refused:?}"
            );
            let listed: Portal<_> = a.dynamic().expect(modules![tests::workers]).await?;
            assert_eq!(listed.run(add(1, 2)).await?, 3);
            a.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[test]
fn outside_of_an_actor_there_is_no_tree() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime can be built");
    let refused = runtime.block_on(async { snapshot().await });
    let Err(Error::Config(refused)) = refused else {
        panic!("there is none: {refused:?}");
    };
    assert!(
        refused
            .to_string()
            .contains("only an actor can look at its tree"),
        "{refused}"
    );
}

//! What a tree does, as data: of actors that answer, and of those that do not.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, begin, done, fresh_name, signal, until, until_nobody_is_left, within,
};
use tests::workers::{add, nap, nap_over, pid, spin};
use tokio::sync::Semaphore;
use tractor::{
    ActorSnapshot, ActorState, Config, Error, Portal, ProcessState, Restart, Result, current_actor,
    modules, shield, snapshot,
};

/// Long enough for all that answer, on any machine.
const LONG: Duration = Duration::from_secs(20);
/// How long those are waited for that will not answer.
const SHORT: Duration = Duration::from_millis(300);

/// What shielded handlers wait for.
static GATE: Semaphore = Semaphore::const_new(0);

/// Starts `below`, calls it, and waits for ever.
#[tractor::rpc]
async fn nest(serves: bool) -> Result<()> {
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

/// Starts `below`, and then blocks its executor.
#[tractor::rpc]
async fn nest_and_spin() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            an.start_actor("below", modules![tests::workers]).await?;
            spin().await;
            Ok(())
        })
        .await
}

/// The tree, as this actor sees it.
#[tractor::rpc]
async fn look() -> Result<ActorSnapshot> {
    snapshot().timeout(LONG).await
}

/// Looks until `name` has not answered so many times.
#[tractor::rpc]
async fn look_often(times: usize, name: String) {
    let mut unresponsive = 0;
    while unresponsive < times {
        // On a busy machine even the root may not answer in time.
        if let Ok(seen) = snapshot().timeout(SHORT).await {
            unresponsive += usize::from(named(&seen, &name).state == ActorState::Unresponsive);
        }
    }
}

/// Ends only when it is let, also when it is cancelled.
#[tractor::rpc]
async fn hold_on() {
    shield(async { drop(GATE.acquire().await) }).await;
    pending::<()>().await;
}

#[tractor::rpc]
async fn let_go() {
    GATE.add_permits(1);
}

/// Counts for ever.
#[tractor::rpc]
fn endless() -> impl Stream<Item = u64> {
    stream::iter(0..)
}

/// Looks until the tree is as it should be.
async fn seen(
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
fn named<'a>(seen: &'a ActorSnapshot, name: &str) -> &'a ActorSnapshot {
    let path = format!("{}.{name}", seen.path);
    seen.find(&path)
        .unwrap_or_else(|| panic!("no `{name}`:\n{seen}"))
}

fn answers(actor: &ActorSnapshot, function: &str) -> bool {
    let mut calls = actor.answering.iter();
    calls.any(|call| call.function.ends_with(function))
}

fn waits_for(actor: &ActorSnapshot, function: &str) -> bool {
    let mut calls = actor.waiting.iter();
    calls.any(|call| call.function.ends_with(function))
}

#[tractor::test(name = fresh_name())]
async fn calls_are_seen_at_both_ends_and_at_any_depth() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
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
            assert_eq!(waiting.function, "snapshot::nest");
            assert_eq!((&waiting.peer, waiting.cancelled), (&a.aid(), false));

            let child = named(&seen, "a");
            assert_eq!(child.aid, Some(a.aid()));
            let [answering] = &child.answering[..] else {
                panic!("one call is worked on:\n{seen}");
            };
            assert_eq!(answering.function, "snapshot::nest");
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
            let a = an.start_actor("a", modules![self]).await?;
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
            assert!(answers(named(&theirs, "b"), "snapshot::look"), "{theirs}");
            assert!(waits_for(&theirs, "snapshot::look"), "{theirs}");
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
async fn blocked_actor_holds_up_nobody() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            let b = an.start_actor("b", modules![tests::workers]).await?;
            let mut call = pin!(a.run(nest_and_spin()));
            begin(&mut call).await;
            // While it starts the one below, it may be too slow, and that one has another name.
            let seen = seen("the blocked one", SHORT, |seen| {
                let a = named(seen, "a");
                let state = a.process.as_ref().map(|process| process.state);
                let below = seen.find(&format!("{}.a.below", seen.path));
                a.state == ActorState::Unresponsive
                    && state == Some(ProcessState::Running)
                    && below.is_some_and(|below| below.state == ActorState::OutOfReach)
            })
            .await;
            assert!(waits_for(&seen, "snapshot::nest_and_spin"), "{seen}");
            let blocked = named(&seen, "a");
            assert_eq!(blocked.aid, Some(a.aid()));
            assert_eq!(blocked.children.len(), 1, "{seen}");
            assert!(named(&seen, "a.below").process.is_some(), "{seen}");
            assert_eq!(within("another one", b.run(add(1, 2))).await?, 3);
            an.cancel_hard().await;
            done()
        })
        .await?;
    // The one below, whose parent was killed, ends by itself.
    until_nobody_is_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn stopped_actor_answers_once_it_goes_on() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![tests::workers]).await?;
            let mut before = pin!(a.run(nap));
            begin(&mut before).await;
            seen("the nap", LONG, |seen| answers(named(seen, "a"), "nap")).await;
            signal(a.aid(), Signal::SIGSTOP);
            let is_stopped = |seen: &ActorSnapshot| {
                let a = named(seen, "a");
                let process = a.process.as_ref().expect("it is there");
                (a.state, process.state) == (ActorState::Unresponsive, ProcessState::Stopped)
            };
            seen("it is stopped", SHORT, is_stopped).await;
            assert!(is_stopped(&snapshot().timeout(SHORT).await?));
            signal(a.aid(), Signal::SIGCONT);
            let mut after = pin!(a.run(nap_over(1)));
            begin(&mut after).await;
            // What it has answered late was of the time before the second call.
            let awake = snapshot().timeout(LONG).await?;
            let awake = named(&awake, "a");
            assert_eq!(awake.state, ActorState::Running);
            let functions = awake.answering.iter().map(|call| call.function.as_str());
            let functions: Vec<_> = functions.collect();
            assert_eq!(
                functions,
                ["tests::workers::nap", "tests::workers::nap_over"]
            );
            a.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn looks_that_overlap_blame_nobody_else() -> Result<()> {
    const PATIENT: Duration = Duration::from_secs(3);

    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            let mut call = pin!(a.run(nest(true)));
            begin(&mut call).await;
            // On a busy machine even one that has nothing to wait for may answer too late.
            for attempt in 1.. {
                let naps = |seen: &ActorSnapshot| {
                    let below = seen.find(&format!("{}.a.below", seen.path));
                    below.is_some_and(|below| answers(below, "workers::nap"))
                };
                let tree = seen("the nap below", LONG, naps).await;
                let below = named(&tree, "a.below").aid.clone().expect("it is there");
                signal(&below, Signal::SIGSTOP);
                let looks = [0, 1, 2].map(|thirds| async move {
                    tokio::time::sleep(PATIENT / 3 * thirds).await;
                    snapshot().timeout(PATIENT).await
                });
                let looks = futures_util::future::try_join_all(looks).await?;
                signal(&below, Signal::SIGCONT);
                let states = looks.iter().flat_map(|look| {
                    let state = |name| {
                        look.find(&format!("{}.{name}", look.path))
                            .map(|seen| seen.state)
                    };
                    [state("a"), state("a.below")]
                });
                let (blamed, innocent) = (ActorState::Unresponsive, ActorState::Running);
                if states.eq([Some(innocent), Some(blamed)].into_iter().cycle().take(6)) {
                    break;
                }
                assert!(attempt < 5, "{looks:#?}");
            }
            a.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn looks_use_up_no_room_on_a_link() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            let few = Config::new().max_in_flight(3);
            let b = an.actor("b").modules(modules![tests::workers]).config(few);
            let b = b.start().await?;
            signal(b.aid(), Signal::SIGSTOP);
            within("looks", a.run(look_often(6, "b".to_owned()))).await?;
            let mut call = pin!(b.run(nap));
            begin(&mut call).await;
            let seen = snapshot().timeout(SHORT).await?;
            assert!(waits_for(&seen, "workers::nap"), "it was sent:\n{seen}");
            signal(b.aid(), Signal::SIGCONT);
            a.cancel_actor().await?;
            b.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn name_that_the_kernel_cuts_is_no_obstacle() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            // It keeps 15 bytes of these 20.
            let a = an
                .start_actor("ääääääääää", modules![tests::workers])
                .await?;
            let seen = snapshot().timeout(LONG).await?;
            assert!(named(&seen, "ääääääääää").process.is_some(), "{seen}");
            a.cancel_actor().await
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
                ("snapshot::endless", &a.aid())
            );
            let there = &named(&seen, "a").streams[0];
            assert_eq!(there.function, "snapshot::endless");
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
            let a = an.start_actor("a", modules![self]).await?;
            {
                let mut call = pin!(a.run(hold_on));
                begin(&mut call).await;
                seen("that it has begun", LONG, |seen| answers(named(seen, "a"), "hold_on")).await;
            }
            let cancelled = |calls: &[tractor::CallSnapshot]| {
                matches!(calls, [call] if call.cancelled && call.function == "snapshot::hold_on")
            };
            seen("its cancellation", LONG, |seen| {
                cancelled(&seen.waiting) && cancelled(&named(seen, "a").answering)
            })
            .await;
            a.run(let_go).await?;
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

//! Obstacles to a look: actors that do not answer, links without room, names that are cut.

use std::pin::pin;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, begin, done, fresh_name, signal, until_nobody_is_left, within,
};
use tests::workers::{add, nap, nap_over, spin};
use tractor::{ActorSnapshot, ActorState, Config, ProcessState, Result, modules, snapshot};

use crate::view::{LONG, answers, named, nest, seen, waits_for};

/// How long those are waited for that will not answer.
const SHORT: Duration = Duration::from_millis(300);

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
            assert!(
                waits_for(&seen, "snapshot::obstacles::nest_and_spin"),
                "{seen}"
            );
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
            let a = an.start_actor("a", modules![crate::view]).await?;
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

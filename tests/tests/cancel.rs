//! Dropping a call cancels it where it runs, and that is acknowledged (C2, C3).

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use tests::actor::{assert_nobody_left, begin, done, failure, fresh_name, until, within};
use tests::workers::{add, nap, nap_over, naps};
use tractor::{Error, Exposes, Portal};

/// Waits until the naps that have begun at `portal` are so many, and those that were cancelled.
async fn counted<A: Exposes<naps, I>, I>(portal: &Portal<A>, begun: usize, dropped: usize) {
    until("naps begin and end", async || {
        portal
            .run(naps)
            .await
            .is_ok_and(|seen| seen == (begun, dropped))
    })
    .await;
}

#[tractor::test(name = fresh_name())]
async fn dropped_call_is_cancelled_there() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            {
                let mut call = pin!(portal.run(nap));
                tokio::select! {
                    _ = &mut call => panic!("a nap never ends"),
                    () = counted(portal, 1, 0) => {}
                }
            }
            counted(portal, 1, 1).await;
            assert_eq!(within("an answer", portal.run(add(1, 2))).await?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn call_is_cancelled_alone() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut kept = pin!(portal.run(nap));
            {
                let mut dropped = pin!(portal.run(nap));
                tokio::select! {
                    _ = &mut kept => panic!("a nap never ends"),
                    _ = &mut dropped => panic!("a nap never ends"),
                    () = counted(portal, 2, 0) => {}
                }
            }
            tokio::select! {
                _ = &mut kept => panic!("it was cancelled with another"),
                () = counted(portal, 2, 1) => {}
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn acknowledgement_frees_the_slot() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1, max_in_flight: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            for round in 1..=20 {
                {
                    let mut call = pin!(portal.run(nap));
                    // One poll sends it.
                    begin(&mut call).await;
                }
                // The one slot is free only when the cancelled call is acknowledged.
                let (begun, dropped) = within("an answer", portal.run(naps)).await?;
                assert_eq!(begun, dropped, "round {round}");
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn unpolled_call_never_starts() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            drop(portal.run(nap));
            assert_eq!(within("an answer", portal.run(naps)).await?, (0, 0));
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn timeout_cancels_the_call_there() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let call = tokio::time::timeout(Duration::from_millis(20), portal.run(nap));
            assert!(call.await.is_err(), "a nap never ends");
            // It was sent at its first poll, before the time was over.
            counted(portal, 1, 1).await;
            assert_eq!(within("an answer", portal.run(add(1, 2))).await?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn select_cancels_the_loser_there() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 2 }
        .scope(async |workers| {
            let (one, other) = (&workers["worker_0"], &workers["worker_1"]);
            tokio::select! {
                biased;
                _ = one.run(nap) => panic!("a nap never ends"),
                sum = other.run(add(20, 22)) => assert_eq!(sum?, 42),
            }
            counted(one, 1, 1).await;
            assert_eq!(within("an answer", one.run(add(1, 2))).await?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn dropped_map_cancels_what_is_in_flight() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 2 }
        .scope(async |workers| {
            {
                let mut naps = pin!(workers.map(0_u32.., nap_over).buffer(3));
                tokio::select! {
                    _ = naps.next() => panic!("a nap never ends"),
                    () = counted(&workers["worker_0"], 3, 0) => {}
                }
            }
            counted(&workers["worker_0"], 3, 3).await;
            counted(&workers["worker_1"], 3, 3).await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn dropped_run_all_cancels_everywhere() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 3 }
        .scope(async |workers| {
            {
                let mut all = pin!(workers.run_all(nap));
                begin(&mut all).await;
            }
            for portal in workers.portals() {
                counted(portal, 1, 1).await;
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn cancelled_actor_tells_its_callers_who() -> tractor::Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 2 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let cancel = async {
                counted(portal, 1, 0).await;
                portal.cancel_actor().await
            };
            let (called, cancelled) = tokio::join!(portal.run(nap), within("the end", cancel));
            cancelled?;
            let Error::Cancelled(by) = failure(called) else {
                panic!("it was cancelled");
            };
            assert_eq!(by.canceller(), tractor::current_actor().aid());
            // The other one serves on, and to end the first one again is no mistake.
            within("nothing", portal.cancel_actor()).await?;
            let error = failure(within("a refusal", portal.run(add(1, 2))).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            let sum = workers["worker_1"].run(add(1, 2));
            assert_eq!(within("an answer", sum).await?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

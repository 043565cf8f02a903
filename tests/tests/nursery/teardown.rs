//! The teardown of nurseries, however they end, also inside of each other: all actors are reaped
//! (S1), by whoever is left to do it (S3).

use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, patient, signal, until,
    within,
};
use tests::fixture::Fixture;
use tests::workers::{add, after, nap, pid, spin};
use tests::{PATIENCE, wait_until};
use tokio::sync::Notify;
use tractor::{Error, ExitReport, Nursery, Result, Rung, modules};

use crate::tells::Tells;

#[tractor::test(name = fresh_name())]
async fn clean_end_waits_for_one_shots() -> Result<()> {
    let mut report = ExitReport::default();
    tractor::nursery()
        .scope(async |an| {
            report = an.report();
            for value in 0..3 {
                // Given up, and waited for all the same.
                drop(an.run_in_actor(after(50, value)).await?);
            }
            done()
        })
        .await?;
    assert_reaped(&report, 3);
    // They have ended by themselves: nobody has cancelled their calls.
    assert!(report.failures().is_empty());
    assert_nobody_left().await;
    Ok(())
}

#[test]
fn daemon_that_keeps_a_scope_waiting_is_named() {
    let running = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("linger")
        .env("TRACTOR_LOG", "warn")
        .start();
    running.line("up");
    wait_until("it is named", PATIENCE, || running.has_logged("root.frank"));
    assert!(running.has_logged("a scope waits for actors"));
    assert!(!running.has_logged("root.pid"));
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}

#[tractor::test(name = fresh_name())]
async fn hard_cancel_asks_nobody() -> Result<()> {
    let mut report = ExitReport::default();
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        report = an.report();
        let blocked = an.start_actor("blocked", modules![tests::workers]).await?;
        let mut call = pin!(blocked.run(spin));
        begin(&mut call).await;
        an.start_actor("idle", modules![tests::workers]).await?;
        // Not followed by the blocked one, and then overtaken.
        an.cancel().await;
        until("the idle one is reaped", async || report.exits().len() == 1).await;
        an.cancel_hard().await;
        let error = failure(within("an end", call).await);
        assert!(matches!(error, Error::Cancelled(_)), "{error}");
        done()
    });
    within("the scope ends", scope).await?;
    let rungs: Vec<_> = report.exits().iter().map(tractor::Exit::rung).collect();
    assert_eq!(rungs, [Rung::Cancel, Rung::Kill]);
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn cancelled_scope_starts_nobody() -> Result<()> {
    let nursery = tractor::nursery()
        .scope(async |an| -> Result<Nursery> {
            an.cancel().await;
            let error = failure(an.start_actor("late", modules![tests::workers]).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            let error = failure(an.run_in_actor(pid).await.map(drop));
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            an.cancel().await;
            Ok(an)
        })
        .await?;
    let error = failure(nursery.start_actor("late", modules![tests::workers]).await);
    assert!(matches!(error, Error::Config(_)), "{error}");
    assert!(error.to_string().contains("the scope has ended"), "{error}");
    nursery.cancel().await;
    assert!(nursery.report().exits().is_empty());
    assert_nobody_left().await;
    Ok(())
}

/// Opens a scope below, and naps in it.
#[tractor::rpc]
async fn nap_above(levels: u32) -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let below = an
                .start_actor("below", modules![self, tests::workers])
                .await?;
            match levels {
                0 => below.run(nap).await,
                _ => below.run(nap_above(levels - 1)).await,
            }
        })
        .await
}

/// A handler that is cancelled takes the children along that it has started; its actor goes on.
#[tractor::test(name = fresh_name())]
async fn cancelled_handler_takes_its_children_along() -> Result<()> {
    let root = tractor::current_actor().aid().path().to_owned();
    let alive = || {
        let mut alive = tests::process::of_root(&root);
        alive.retain(|process| !process.is_zombie() && !process.command.is_empty());
        alive
    };
    tractor::nursery()
        .scope(async |an| {
            let top = an
                .start_actor("top", modules![self, tests::workers])
                .await?;
            {
                let mut call = pin!(top.run(nap_above(2)));
                begin(&mut call).await;
                until("all levels are up", async || alive().len() == 4).await;
            }
            until("only the top is left", async || alive().len() == 1).await;
            assert_eq!(within("an answer", top.run(add(1, 2))).await?, 3);
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Dropping the body of the outer scope drops the inner one, whose children are torn down in the
/// background.
#[tractor::test(name = fresh_name())]
async fn failing_scope_takes_the_scopes_in_its_body_along() {
    let mut inner_report = ExitReport::default();
    let mut inner_returned = false;
    let scope = tractor::nursery().config(patient()).scope(async |outer| {
        let victim = outer
            .start_actor("victim", modules![tests::workers])
            .await?;
        tractor::nursery()
            .config(patient())
            .scope(async |inner| {
                inner_report = inner.report();
                inner.start_actor("inner", modules![tests::workers]).await?;
                signal(victim.aid(), Signal::SIGKILL);
                pending::<()>().await;
                done()
            })
            .await?;
        inner_returned = true;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    assert!(!inner_returned);
    until("the inner one is reaped", async || {
        inner_report.exits().len() == 1
    })
    .await;
    assert!(inner_report.failures().is_empty());
    assert_nobody_left().await;
}

/// An inner scope that is cancelled in a body that is cancelled, both from inside.
#[tractor::test(name = fresh_name())]
async fn cancelled_scope_inside_a_cancelled_scope_ends_first() -> Result<()> {
    let mut order = Vec::new();
    let scope = tractor::nursery().scope(async |outer| {
        let above = outer.start_actor("above", modules![tests::workers]).await?;
        tractor::nursery()
            .scope(async |inner| {
                let below = inner.start_actor("below", modules![tests::workers]).await?;
                outer.cancel().await;
                // The outer one still waits for its body.
                assert_eq!(within("an answer", below.run(add(1, 2))).await?, 3);
                inner.cancel().await;
                done()
            })
            .await?;
        order.push("inner");
        let error = failure(within("a refusal", above.run(pid)).await);
        assert!(matches!(error, Error::Cancelled(_)), "{error}");
        done()
    });
    within("the scope ends", scope).await?;
    order.push("outer");
    assert_eq!(order, ["inner", "outer"]);
    assert_nobody_left().await;
    Ok(())
}

/// A `select!` around a whole nursery.
#[tractor::test(name = fresh_name())]
async fn dropped_nursery_is_torn_down_in_the_background() {
    let (up, dropped) = (Notify::new(), Arc::new(Notify::new()));
    let report = Mutex::new(ExitReport::default());
    tokio::select! {
        _ = tractor::nursery().scope(async |an| {
            let _tells = Tells(dropped.clone());
            *report.lock().expect("not poisoned") = an.report();
            an.start_actor("daemon", modules![tests::workers]).await?;
            drop(an.run_in_actor(nap).await?);
            up.notify_one();
            pending::<()>().await;
            done()
        }) => panic!("the body never ends"),
        () = within("they are up", up.notified()) => {}
    }
    within("the body is dropped", dropped.notified()).await;
    let report = report.lock().expect("not poisoned").clone();
    until("both are reaped", async || report.exits().len() == 2).await;
    assert_reaped(&report, 2);
    assert_nobody_left().await;
}

/// The root does not exit before the teardown is finished.
#[test]
fn root_waits_for_a_dropped_nursery() {
    let ended = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("select")
        .run();
    ended.assert_code(0);
}

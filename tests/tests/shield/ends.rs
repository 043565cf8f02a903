//! Shields at the end of what they are in: an actor, a scope.

use std::fs;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, begin, done, failure, fresh_name, patient, signal, until,
    until_nobody_is_left, within,
};
use tests::disk::TempDir;
use tests::workers::{add, nap};
use tractor::{ExitReport, Rung, current_call, modules, shield};

/// Writes down why it ends, and, behind its shield, that it was allowed to.
#[tractor::rpc]
async fn write_down(file: PathBuf, endless: bool) {
    let call = current_call().expect("a handler answers a call");
    fs::write(&file, "begun").expect("the directory is the test's");
    let cancellation = call.cancelled().await;
    shield(async {
        tokio::task::yield_now().await;
        fs::write(&file, cancellation.reason().to_string()).expect("it is the test's");
        if endless {
            pending::<()>().await;
        }
    })
    .await;
}

async fn written(file: &Path, text: &str) {
    until("the file is written", async || {
        fs::read_to_string(file).is_ok_and(|written| written == text)
    })
    .await;
}

#[tractor::test(name = fresh_name())]
async fn actor_that_is_ended_waits_for_its_shields() -> tractor::Result<()> {
    let dir = TempDir::new();
    let file = dir.join("why");
    let mut report = None;
    tractor::nursery()
        .config(patient())
        .scope(async |an| {
            report = Some(an.report());
            let portal = an.start_actor("writer", modules![self]).await?;
            let mut call = Box::pin(portal.run(write_down(file.clone(), false)));
            begin(&mut call).await;
            written(&file, "begun").await;
            within("it ends", portal.cancel_actor()).await?;
            // It had the time to return.
            within("the call ends", call).await?;
            done()
        })
        .await?;
    written(&file, "the actor is being ended").await;
    let exits = report.expect("the body ran").exits();
    assert_eq!(exits[0].rung(), Rung::Cancel, "{exits:?}");
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn ladder_bounds_a_shield() -> tractor::Result<()> {
    let dir = TempDir::new();
    let file = dir.join("why");
    let mut report = None;
    tractor::nursery()
        .config(patient().kill_timeout(Duration::from_millis(50)))
        .scope(async |an| {
            report = Some(an.report());
            let portal = an.start_actor("writer", modules![self]).await?;
            let mut call = Box::pin(portal.run(write_down(file.clone(), true)));
            begin(&mut call).await;
            written(&file, "begun").await;
            within("it ends", portal.cancel_actor()).await?;
            done()
        })
        .await?;
    let exits = report.expect("the body ran").exits();
    assert!(exits[0].rung() > Rung::Cancel, "{exits:?}");
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn orphan_does_not_wait_for_its_shields() -> tractor::Result<()> {
    let dir = TempDir::new();
    let file = dir.join("why");
    let result = tractor::nursery()
        .config(patient())
        .scope(async |an| {
            let middle = an.start_actor("middle", modules![self]).await?;
            let mut call = Box::pin(middle.run(hold(file.clone())));
            begin(&mut call).await;
            written(&file, "begun").await;
            signal(middle.aid(), Signal::SIGKILL);
            within("the call fails", call).await
        })
        .await;
    failure(result);
    until_nobody_is_left().await;
    Ok(())
}

/// Owns an actor that is shielded for ever.
#[tractor::rpc]
async fn hold(file: PathBuf) -> tractor::Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let writer = an.start_actor("writer", modules![self]).await?;
            writer.run(write_down(file, true)).await
        })
        .await
}

#[tractor::test(name = fresh_name())]
async fn body_of_a_failing_scope_ends_its_shield() -> tractor::Result<()> {
    let mut cleaned = false;
    let result = tractor::nursery()
        .scope(async |an| {
            let victim = an.start_actor("victim", modules![tests::workers]).await?;
            let mut call = Box::pin(victim.run(nap));
            begin(&mut call).await;
            within("an answer", victim.run(add(1, 2))).await?;
            signal(victim.aid(), Signal::SIGKILL);
            shield(async {
                failure(within("the call fails", call).await);
                // Long after the failure of the scope is known.
                until("the victim is reaped", async || {
                    an.report().exits().len() == 1
                })
                .await;
                tokio::task::yield_now().await;
                cleaned = true;
            })
            .await;
            pending::<()>().await;
            done()
        })
        .await;
    assert!(matches!(failure(result), tractor::Error::ActorDied(_)));
    assert!(cleaned, "the shield was broken");
    assert_nobody_left().await;
    Ok(())
}

/// Opens one nursery until it is ended, and then, behind a shield, another one.
#[tractor::rpc]
async fn start_late(file: PathBuf) {
    let first = tractor::nursery().scope(async |_| {
        fs::write(&file, "begun").expect("the directory is the test's");
        pending::<()>().await;
        done()
    });
    shield(async {
        failure(first.await);
        let mut report = ExitReport::default();
        let second = tractor::nursery().scope(async |an| {
            report = an.report();
            drop(an.start_actor("late", modules![tests::workers]).await?);
            done()
        });
        let error = failure(second.await);
        let text = format!("{} children: {error}", report.exits().len());
        fs::write(&file, text).expect("the directory is the test's");
    })
    .await;
}

#[tractor::test(name = fresh_name())]
async fn scope_in_an_actor_that_is_ended_starts_nothing() -> tractor::Result<()> {
    let dir = TempDir::new();
    let file = dir.join("what");
    let mut aid = None;
    tractor::nursery()
        .config(patient())
        .scope(async |an| {
            let portal = an.start_actor("starter", modules![self]).await?;
            aid = Some(portal.aid());
            let mut call = Box::pin(portal.run(start_late(file.clone())));
            begin(&mut call).await;
            written(&file, "begun").await;
            within("it ends", portal.cancel_actor()).await
        })
        .await?;
    let aid = aid.expect("the body ran");
    written(&file, &format!("0 children: cancelled by {aid}")).await;
    assert_nobody_left().await;
    Ok(())
}

/// Its calls fail with the scope's actors; they do not stay pending, as they would in a body that is
/// about to be dropped.
#[tractor::test(name = fresh_name())]
async fn shielded_call_in_a_failing_scope_is_resolved() -> tractor::Result<()> {
    let mut seen = None;
    let scope = tractor::nursery().scope(async |an| {
        let victim = an.start_actor("victim", modules![tests::workers]).await?;
        let sibling = an.start_actor("sibling", modules![tests::workers]).await?;
        signal(victim.aid(), Signal::SIGKILL);
        shield(async { seen = Some(failure(sibling.run(nap).await)) }).await;
        pending::<()>().await;
        done()
    });
    let error = failure(within("the scope fails", scope).await);
    assert!(matches!(error, tractor::Error::ActorDied(_)), "{error}");
    let seen = seen.expect("the shield was broken");
    assert!(matches!(seen, tractor::Error::Cancelled(_)), "{seen}");
    assert_nobody_left().await;
    Ok(())
}

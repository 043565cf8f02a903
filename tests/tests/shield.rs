//! What a cancelled handler can see, and what it can still do (C2).

use std::fs;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::actor::{
    assert_nobody_left, begin, done, failure, fresh_name, signal, until, until_nobody_is_left,
    within,
};
use tests::disk::TempDir;
use tests::workers::{add, nap};
use tokio::sync::Semaphore;
use tractor::{
    Config, CurrentCall, ExitReport, Exposes, Portal, Rung, current_call, modules, shield,
};

const HOUR: Duration = Duration::from_secs(3600);

/// What the handlers of this actor have seen.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// What shielded handlers wait for.
static GATE: Semaphore = Semaphore::const_new(0);

fn see(what: impl ToString) {
    SEEN.lock().expect("nobody panics").push(what.to_string());
}

#[tractor::rpc]
async fn seen() -> Vec<String> {
    SEEN.lock().expect("nobody panics").clone()
}

#[tractor::rpc]
async fn open_gate() {
    GATE.add_permits(1);
}

fn this_call() -> CurrentCall {
    current_call().expect("a handler answers a call")
}

/// Waits for its cancellation, and then for nothing more.
#[tractor::rpc]
async fn notice() {
    let call = this_call();
    see(format!("{} for {}", call.function(), call.caller().name()));
    let cancellation = call.cancelled().await;
    see(cancellation.reason());
    see(cancellation.canceller().name());
    assert!(call.is_cancelled());
    pending::<()>().await;
}

/// Sees its cancellation as it is dropped, too.
#[tractor::rpc]
async fn notice_by_drop() {
    struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {
            see(this_call().cancellation().expect("it is cancelled"));
        }
    }

    let _guard = Guard;
    see("begun");
    pending::<()>().await;
}

/// Is shielded until the gate opens.
#[tractor::rpc]
async fn clean_up() {
    see("begun");
    shield(async {
        GATE.acquire().await.expect("it is never closed").forget();
        tokio::task::yield_now().await;
        see("clean");
    })
    .await;
    pending::<()>().await;
    see("never");
}

/// A plain function that looks.
#[tractor::rpc]
fn look() {
    let call = this_call();
    see("begun");
    while !call.is_cancelled() {
        std::thread::yield_now();
    }
    see(call.cancellation().expect("it is cancelled").reason());
}

/// Waits until the worker has seen this.
async fn saw<A: Exposes<seen, I>, I>(portal: &Portal<A>, expected: &[&str]) {
    until("the handler sees it", async || {
        portal.run(seen).await.expect("it answers") == expected
    })
    .await;
}

#[tractor::test(name = fresh_name())]
async fn cancelled_handler_is_told_by_whom_and_why() -> tractor::Result<()> {
    let root = tractor::current_actor().aid().name().to_owned();
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let first = format!("{}::notice for {root}", module_path!());
            let mut call = Box::pin(portal.run(notice));
            begin(&mut call).await;
            saw(portal, &[&first]).await;
            drop(call);
            saw(portal, &[&first, "the caller dropped the call", &root]).await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn handler_is_told_that_its_deadline_has_passed() -> tractor::Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            // A call that has expired before it began is told nothing: the next has more time.
            let mut timeout = Duration::from_millis(20);
            until("a handler is told", async || {
                failure(within("the deadline", portal.run(notice).timeout(timeout)).await);
                timeout *= 2;
                let seen = portal.run(seen).await.expect("it answers");
                seen.contains(&"its deadline has passed".to_owned())
            })
            .await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn destructor_sees_the_cancellation() -> tractor::Result<()> {
    let me = tractor::current_actor().aid().to_string();
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut call = Box::pin(portal.run(notice_by_drop));
            begin(&mut call).await;
            saw(portal, &["begun"]).await;
            drop(call);
            let told = format!("cancelled by {me}: the caller dropped the call");
            saw(portal, &["begun", &told]).await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn shield_ends_before_the_acknowledgement() -> tractor::Result<()> {
    // Room for the shielded call and one more: its slot is not free before its shield is down.
    tractor::cluster! { modules: [self], count: 1, max_in_flight: 2 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut call = Box::pin(portal.run(clean_up));
            begin(&mut call).await;
            saw(portal, &["begun"]).await;
            drop(call);
            // An answer that came after the cancel: the handler has been polled once more.
            saw(portal, &["begun"]).await;
            let mut held = Box::pin(portal.run(notice_by_drop));
            begin(&mut held).await;
            let mut waiting = Box::pin(portal.run(seen));
            begin(&mut waiting).await;
            begin(&mut waiting).await;
            drop(held);
            within("the gate opens", portal.run(open_gate)).await?;
            within("there is room", waiting).await?;
            until("it is clean, and ended", async || {
                let seen = portal.run(seen).await.expect("it answers");
                seen.contains(&"clean".to_owned()) && !seen.contains(&"never".to_owned())
            })
            .await;
            // Both slots are free again.
            let both = futures_util::future::join(portal.run(seen), portal.run(seen));
            let (one, other) = within("two at a time", both).await;
            one.and(other)?;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn plain_function_can_look() -> tractor::Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut call = Box::pin(portal.run(look));
            begin(&mut call).await;
            saw(portal, &["begun"]).await;
            drop(call);
            saw(portal, &["begun", "the caller dropped the call"]).await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Writes down why it ends, and, behind its shield, that it was allowed to.
#[tractor::rpc]
async fn write_down(file: PathBuf, endless: bool) {
    let call = this_call();
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
    let config = Config::new().cancel_timeout(HOUR).kill_timeout(HOUR);
    let mut report = None;
    tractor::nursery()
        .config(config)
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
    let config = Config::new().cancel_timeout(HOUR);
    let mut report = None;
    tractor::nursery()
        .config(config.kill_timeout(Duration::from_millis(50)))
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
    let config = Config::new().cancel_timeout(HOUR).kill_timeout(HOUR);
    let result = tractor::nursery()
        .config(config)
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
    let config = Config::new().cancel_timeout(HOUR).kill_timeout(HOUR);
    let mut aid = None;
    tractor::nursery()
        .config(config)
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

#[tractor::test(name = fresh_name())]
async fn root_answers_no_call() -> tractor::Result<()> {
    assert!(current_call().is_none());
    assert_nobody_left().await;
    Ok(())
}

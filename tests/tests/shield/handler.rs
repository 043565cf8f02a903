//! A cancelled handler: what it is told, what its shield still does.

use std::future::pending;
use std::time::Duration;

use tests::actor::{assert_nobody_left, begin, done, failure, fresh_name, until, within};
use tests::stage::{gate, open_gate, saw, see, seen};
use tractor::{CurrentCall, current_call, shield};

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
        gate().await;
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

#[tractor::test(name = fresh_name())]
async fn cancelled_handler_is_told_by_whom_and_why() -> tractor::Result<()> {
    let root = tractor::current_actor().aid().name().to_owned();
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
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
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
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
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
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
    tractor::cluster! { modules: [self, tests::stage], count: 1, max_in_flight: 2 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
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
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
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

#[tractor::test(name = fresh_name())]
async fn root_answers_no_call() -> tractor::Result<()> {
    assert!(current_call().is_none());
    assert_nobody_left().await;
    Ok(())
}

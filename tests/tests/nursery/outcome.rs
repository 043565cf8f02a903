//! The outcome of a scope, when its actors or its body fail: no failure is lost.

use std::future::pending;
use std::sync::{Arc, Mutex};

use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, patient, spawn, within,
};
use tests::workers::fail;
use tokio::sync::Notify;
use tractor::{Error, ExitReport, Nursery, Portal, Restart, Result, Rung, modules};

/// Crashes when it is cancelled.
#[tractor::rpc]
async fn crash_at_the_end() {
    struct Crashes;

    impl Drop for Crashes {
        fn drop(&mut self) {
            std::process::abort();
        }
    }

    let _crashes = Crashes;
    BEGUN.notify_one();
    pending::<()>().await;
}

static BEGUN: Notify = Notify::const_new();

#[tractor::rpc]
async fn begun() {
    BEGUN.notified().await;
}

/// Starts an actor that crashes when it is cancelled.
async fn start_crashing(an: &Nursery) -> Result<Portal> {
    let portal = an.start_actor("crashing", modules![self]).await?;
    let mut call = Box::pin(portal.run(crash_at_the_end));
    begin(&mut call).await;
    within("it begins", portal.run(begun)).await?;
    spawn(call);
    Ok(portal.dynamic())
}

#[tractor::test(name = fresh_name())]
async fn failure_in_the_teardown_is_not_lost() {
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        start_crashing(&an).await?;
        let one_shot = an.run_in_actor(fail("the first".to_owned())).await?;
        drop(one_shot);
        pending::<()>().await;
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    let Error::Group(group) = &error else {
        panic!("{error}");
    };
    let [Error::Remote(first), Error::ActorDied(second)] = group.errors() else {
        panic!("{error}");
    };
    assert_eq!(first.message(), "the first");
    assert_eq!(second.exit().status().signal(), Some(6), "{second}");
    assert_eq!(second.exit().rung(), Rung::Cancel, "{second}");
    assert_nobody_left().await;
}

/// A cancellation that was asked for by the body is no excuse for a crash.
#[tractor::test(name = fresh_name())]
async fn crash_of_a_cancelled_actor_fails_the_scope() {
    for strategy in [Restart::Never, Restart::OneForOne] {
        let nursery = tractor::nursery().config(patient()).restart(strategy);
        let mut report = ExitReport::default();
        let scope = nursery.scope(async |an| {
            report = an.report();
            let portal = start_crashing(&an).await?;
            within("its end", portal.cancel_actor()).await?;
            done()
        });
        let ended = within("the scope ends", scope).await;
        // Where failures are tolerated, the report has it.
        assert_eq!(ended.is_err(), strategy == Restart::Never, "{ended:?}");
        let failures = report.failures();
        assert!(
            matches!(failures[..], [Error::ActorDied(_)]),
            "{failures:?}"
        );
    }
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn error_of_the_body_says_more_than_that_of_a_child() {
    #[derive(Debug)]
    enum Story {
        Tractor,
        Own(String),
    }

    impl From<Error> for Story {
        fn from(_: Error) -> Self {
            Self::Tractor
        }
    }

    let mut report = ExitReport::default();
    let scope = tractor::nursery().scope(async |an| {
        report = an.report();
        let one_shot = an.run_in_actor(fail("no".to_owned())).await?;
        let error = failure(within("a result", one_shot.result()).await);
        Err::<(), _>(Story::Own(format!("the child says: {error}")))
    });
    let Err(Story::Own(text)) = within("the scope ends", scope).await else {
        panic!("the body had an error of its own");
    };
    assert!(text.ends_with(": no"), "{text}");
    assert_eq!(report.failures().len(), 1);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn panic_of_the_body_goes_on_after_the_teardown() {
    let report = Arc::new(Mutex::new(ExitReport::default()));
    let told = report.clone();
    let scope = spawn(tractor::nursery().scope(async move |an: Nursery| {
        *told.lock().expect("not poisoned") = an.report();
        an.start_actor("idle", modules![tests::workers]).await?;
        if an.spawner().pid() > 0 {
            panic!("the body gives up");
        }
        done()
    }));
    let panic = within("the scope ends", scope)
        .await
        .expect_err("it panics");
    let message = panic.into_panic().downcast::<&str>().expect("a text");
    assert_eq!(*message, "the body gives up");
    assert_reaped(&report.lock().expect("not poisoned"), 1);
    assert_nobody_left().await;
}

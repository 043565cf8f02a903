//! The back-off before a restart, and what ends it early.

use std::future::pending;
use std::pin::pin;

use nix::sys::signal::Signal;
use tests::HOUR;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, until, within,
};
use tests::workers::{add, die, pid, quit};
use tractor::{Error, Restart, Result, modules};

use crate::nursery::nursery;

/// Its portal fails, calls that wait for it as well, and the others go on.
#[tractor::test(name = fresh_name())]
async fn actor_is_cancelled_during_back_off() -> Result<()> {
    nursery(Restart::OneForOne)
        .restart_backoff(HOUR..=HOUR)
        .scope(async |an| -> Result<()> {
            let victim = an.start_actor("victim", modules![tests::workers]).await?;
            let sibling = an.start_actor("sibling", modules![tests::workers]).await?;
            let mut failed = pin!(victim.run(die(Signal::SIGKILL as i32)));
            failure(within("its end", &mut failed).await);
            until("it is to be restarted", async || {
                an.report().restarts() == 1
            })
            .await;
            let mut waiting = pin!(victim.run(pid));
            begin(&mut waiting).await;
            within("its end", victim.cancel_actor()).await?;
            let error = failure(within("an end", waiting).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            assert_eq!(within("an answer", sibling.run(add(1, 2))).await?, 3);
            within("its end", sibling.cancel_actor()).await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn scope_is_cancelled_during_back_off() -> Result<()> {
    for hard in [false, true] {
        let report = nursery(Restart::OneForAll)
            .restart_backoff(HOUR..=HOUR)
            .scope(async |an| -> Result<_> {
                let portals = [
                    an.start_actor("a", modules![tests::workers]).await?,
                    an.start_actor("b", modules![tests::workers]).await?,
                ];
                // The first one sleeps in its back-off, the second waits for its turn after it.
                drop(within("its end", portals[0].run(quit(1))).await);
                until("both are reaped", async || an.report().exits().len() == 2).await;
                match hard {
                    true => an.cancel_hard().await,
                    false => an.cancel().await,
                }
                for portal in &portals {
                    let error = failure(within("an end", portal.run(pid)).await);
                    assert!(matches!(error, Error::Cancelled(_)), "{error}");
                }
                Ok(an.report())
            });
        let report = within("the scope ends", report).await?;
        assert_reaped(&report, 2);
    }
    assert_nobody_left().await;
    Ok(())
}

/// Nobody waits for an hour that the scope was dropped in.
#[tractor::test(name = fresh_name())]
async fn scope_is_dropped_during_back_off() {
    let mut scope = Box::pin(
        nursery(Restart::OneForOne)
            .restart_backoff(HOUR..=HOUR)
            .scope(async |an| {
                let victim = an.start_actor("victim", modules![tests::workers]).await?;
                drop(victim.run(quit(1)).await);
                until("it is to be restarted", async || {
                    an.report().restarts() == 1
                })
                .await;
                DROPPED_IN_BACK_OFF.notify_one();
                pending::<()>().await;
                done()
            }),
    );
    tokio::select! {
        _ = &mut scope => panic!("the body never ends"),
        () = within("the back-off", DROPPED_IN_BACK_OFF.notified()) => {}
    }
    drop(scope);
    assert_nobody_left().await;
}

static DROPPED_IN_BACK_OFF: tokio::sync::Notify = tokio::sync::Notify::const_new();

//! The members of a nursery: daemons with their portals, one-shots, each with settings of its own.

use std::pin::pin;
use std::time::Duration;

use tests::HOUR;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, patient, until, within,
};
use tests::workers::{add, nap, naps, spin};
use tractor::{Error, ExitReport, Result, Rung, modules};

/// A module of its own.
mod theatre {
    #[tractor::rpc]
    pub(super) async fn question() -> String {
        "have you ever seen a portal?".to_owned()
    }
}

#[tractor::rpc]
async fn variable(key: String) -> Option<String> {
    std::env::var(key).ok()
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn daemons_and_one_shots_share_a_scope() -> Result<()> {
    let mut report = ExitReport::default();
    tractor::nursery()
        .scope(async |an| {
            report = an.report();
            let frank = an.start_actor("frank", modules![theatre]).await?;
            // Names need not be unique.
            let other = an.start_actor("frank", modules![tests::workers]).await?;
            assert_ne!(frank.aid(), other.aid());
            assert_eq!(frank.aid().path(), other.aid().path());
            let sum = an.run_in_actor(add(1, 2)).await?;
            assert_eq!(sum.aid().name(), "add");
            let question = within("an answer", frank.run(theatre::question)).await?;
            assert_eq!(question, "have you ever seen a portal?");
            let odd = an.actor("odd").modules(modules![self]).env("ODD", "5");
            let odd = odd.start().await?;
            let value = within("an answer", odd.run(variable("ODD".to_owned()))).await?;
            assert_eq!(value.as_deref(), Some("5"));
            assert_eq!(within("a result", sum.result()).await?, 3);
            for portal in [frank.dynamic(), other.dynamic(), odd.dynamic()] {
                within("its end", portal.cancel_actor()).await?;
                within("nothing", portal.cancel_actor()).await?;
            }
            done()
        })
        .await?;
    assert_reaped(&report, 4);
    assert!(
        report
            .exits()
            .iter()
            .all(|exit| exit.rung() == Rung::Cancel)
    );
    assert!(report.failures().is_empty());
    assert_nobody_left().await;
    Ok(())
}

/// The portal of a one-shot serves other calls of its module while it lives.
#[tractor::test(name = fresh_name())]
async fn one_shot_has_a_portal() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let one_shot = an.run_in_actor(nap).await?;
            until("it naps", async || {
                let seen = within("an answer", one_shot.portal().run(naps)).await;
                seen.is_ok_and(|seen| seen == (1, 0))
            })
            .await;
            within("its end", one_shot.cancel_actor()).await?;
            let error = failure(within("an end", one_shot.result()).await);
            assert!(matches!(error, Error::Cancelled(_)), "{error}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn settings_of_one_actor_are_its_own() -> Result<()> {
    let mut report = ExitReport::default();
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        report = an.report();
        let hard = an.actor("hard").modules(modules![tests::workers]);
        hard.hard_kill().start().await?;
        let blocked = an.actor("blocked").modules(modules![tests::workers]);
        let blocked = blocked.cancel_timeout(Duration::from_millis(1));
        let blocked = blocked.start().await?;
        an.start_actor("plain", modules![tests::workers]).await?;
        let mut call = pin!(blocked.run(spin));
        begin(&mut call).await;
        an.cancel().await;
        drop(call.await);
        done()
    });
    within("the scope ends", scope).await?;
    let mut rungs: Vec<_> = report
        .exits()
        .iter()
        .map(|exit| (exit.aid().name().to_owned(), exit.rung()))
        .collect();
    rungs.sort_unstable();
    let expected = [
        ("blocked", Rung::Terminate),
        ("hard", Rung::Kill),
        ("plain", Rung::Cancel),
    ];
    assert_eq!(rungs, expected.map(|(name, rung)| (name.to_owned(), rung)));
    assert_nobody_left().await;
    Ok(())
}

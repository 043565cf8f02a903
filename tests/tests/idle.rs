//! What idle actors cost.
//!
//! It counts the descriptors and threads of its own process, and is alone in it for that reason.

use std::collections::BTreeSet;

use futures_util::future::{join_all, try_join_all};
use tests::actor::{assert_nobody_left, done, fresh_name, until, within};
use tests::process::{Usage, inherited_descriptors};
use tests::workers::add;
use tractor::{Aid, Nursery, Result, modules};

const ACTORS: usize = 200;

/// What `count` more actors have cost their parent.
fn costs(now: Usage, before: Usage, count: usize) -> String {
    format!(
        "{} descriptors, {} KiB each",
        (now.descriptors - before.descriptors) / count,
        now.private.saturating_sub(before.private) / count,
    )
}

async fn start(an: &Nursery, count: usize) -> Result<Vec<Aid>> {
    let starts = (0..count).map(|_| an.start_actor("idle", modules![tests::workers]));
    let portals = within("they start", try_join_all(starts)).await?;
    let answers = join_all(portals.iter().map(|portal| portal.run(add(1, 2))));
    for answer in within("they answer", answers).await {
        assert_eq!(answer?, 3);
    }
    Ok(portals.iter().map(tractor::Portal::aid).collect())
}

#[tractor::test(name = fresh_name())]
async fn idle_actors_cost_the_same_each() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            // The first ones fill caches and pools.
            start(&an, 20).await?;
            let me = std::process::id();
            let before = Usage::of(me);
            let first = start(&an, ACTORS / 2).await?;
            let half = Usage::of(me);
            let second = start(&an, ACTORS / 2).await?;
            let all = Usage::of(me);
            println!("the parent: first half {}", costs(half, before, ACTORS / 2));
            println!("the parent: second half {}", costs(all, half, ACTORS / 2));

            // Linear: the last costs what the first has cost.
            assert_eq!(half.descriptors - before.descriptors, ACTORS);
            assert_eq!(all.descriptors - half.descriptors, ACTORS);
            // Each is started by a thread of its own, which ends a moment later.
            until("no actor has a thread here", async || {
                Usage::of(me).threads < ACTORS / 10
            })
            .await;

            let usages = first.iter().chain(&second).map(|aid| Usage::of(aid.pid()));
            let usages: Vec<_> = usages.collect();
            let kinds: BTreeSet<_> = usages
                .iter()
                .map(|usage| (usage.descriptors, usage.threads))
                .collect();
            let private = usages.iter().map(|usage| usage.private);
            let (least, most) = (private.clone().min(), private.max());
            println!("an actor: (descriptors, threads) {kinds:?}, {least:?} to {most:?} KiB");
            // No actor has anything of its elder siblings.
            assert_eq!(kinds.len(), 1, "{kinds:?}");
            // Under a harness a test, and so its actors, have one thread more than others.
            assert_eq!(kinds.first(), Some(&(11 + inherited_descriptors(), 3)));
            assert!(most.is_some_and(|most| most < 4096), "{most:?} KiB");
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

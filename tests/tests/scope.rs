//! Scopes: leaving them early, which re-owns the children (S3), calls on the actor itself, and many
//! calls at once, which wait for each other (B1).

use std::future::pending;
use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::join_all;
use tests::HOUR;
use tests::actor::{
    assert_nobody_left, begin, done, failure, fresh_name, spawn, until, until_nobody_is_left,
    within,
};
use tests::workers::{add, block, nap, naps, pid, repeat, spin};
use tractor::{Error, ExitReport, Result, Rung};

/// Blocks the pool's thread for as long as the test says.
#[tractor::rpc]
fn hold() {
    let _held = HELD.lock().expect("never poisoned");
}

static HELD: Mutex<()> = Mutex::new(());

/// Sums here, without any process.
#[tractor::rpc]
async fn sum_here(a: u64, b: u64) -> u64 {
    add(a, b).await
}

#[tractor::rpc]
async fn threads() -> usize {
    // A thread has its name only once it runs, and it need not have run yet.
    loop {
        let threads = named_threads();
        if threads >= 3 {
            return threads;
        }
        tokio::task::yield_now().await;
    }
}

fn named_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("/proc is mounted");
    let names = tasks.filter_map(|task| {
        let path = task.ok()?.path().join("comm");
        std::fs::read_to_string(path).ok()
    });
    names.filter(|name| name.starts_with("tokio")).count()
}

/// Opens a cluster of its own, and answers with the pids on the way down.
#[tractor::rpc]
async fn descend(levels: u32) -> Result<Vec<u32>> {
    let mut pids = vec![std::process::id()];
    if levels > 0 {
        let below = tractor::cluster! { modules: [self], count: 1 }
            .scope(async |workers| workers["worker_0"].run(descend(levels - 1)).await);
        pids.extend(below.await?);
    }
    Ok(pids)
}

#[tractor::test(name = fresh_name())]
async fn dropped_scope_is_torn_down_in_the_background() {
    let mut report = ExitReport::default();
    {
        let scope =
            tractor::cluster! { modules: [tests::workers], count: 2 }.scope(async |workers| {
                report = workers.report();
                within("answers", workers.run_all(pid)).await;
                BODY_BEGAN.notify_one();
                pending::<()>().await;
                done()
            });
        let mut scope = pin!(scope);
        tokio::select! {
            _ = &mut scope => panic!("the body never ends"),
            () = within("the body begins", BODY_BEGAN.notified()) => {}
        }
    }
    until("both are reaped", async || report.exits().len() == 2).await;
    assert!(
        report
            .exits()
            .iter()
            .all(|exit| exit.rung() >= Rung::Cancel)
    );
    assert_nobody_left().await;
}

static BODY_BEGAN: tokio::sync::Notify = tokio::sync::Notify::const_new();

#[tractor::test(name = fresh_name())]
async fn scope_dropped_while_starting_leaves_nobody() {
    for polls in 0..30 {
        let scope = tractor::cluster! { modules: [tests::workers], count: 3 }
            .scope(async |_| pending::<Result<()>>().await);
        let mut scope = pin!(scope);
        // Dropped at another moment each time: before, during and after the start.
        let early = Duration::from_micros(polls * 400);
        assert!(tokio::time::timeout(early, &mut scope).await.is_err());
    }
    until_nobody_is_left().await;
}

#[tractor::test(name = fresh_name())]
async fn portal_outlives_its_scope_and_fails() -> Result<()> {
    let portal = tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| Ok::<_, Error>(workers["worker_0"].clone()))
        .await?;
    assert_nobody_left().await;
    let error = failure(within("a refusal", portal.run(add(1, 2))).await);
    assert!(matches!(error, Error::Cancelled(_)), "{error}");
    within("nothing", portal.cancel_actor()).await
}

#[tractor::test(name = fresh_name())]
async fn awaited_call_runs_here() {
    assert_eq!(add(1, 2).await, 3);
    assert_eq!(pid().await, std::process::id());
    assert_eq!(sum_here(2, 3).await, 5);
    let moved = spawn(add(20, 22).into_future());
    assert_eq!(within("the task ends", moved).await.expect("no panic"), 42);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn plain_function_leaves_the_actor_responsive() -> Result<()> {
    tractor::cluster! { modules: [self, tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut blocked = pin!(portal.run(block));
            begin(&mut blocked).await;
            for n in 0..10 {
                assert_eq!(within("an answer", portal.run(add(n, 1))).await?, n + 1);
            }
            within("another plain function", portal.run(hold)).await?;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn more_calls_than_may_be_in_flight_take_turns() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1, max_in_flight: 3 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let calls = (0..500).map(|n| portal.run(add(n, 1)));
            let sums = within("all answers", join_all(calls)).await;
            for (n, sum) in (0..).zip(sums) {
                assert_eq!(sum?, n + 1);
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn no_more_calls_than_allowed_are_in_flight() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1, max_in_flight: 3 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut first = pin!(portal.run(nap));
            let mut second = pin!(portal.run(nap));
            begin(&mut first).await;
            begin(&mut second).await;
            {
                let mut third = pin!(portal.run(nap));
                let mut fourth = pin!(portal.run(nap));
                begin(&mut third).await;
                begin(&mut fourth).await;
            }
            // The third was cancelled, the fourth was never sent.
            assert_eq!(within("an answer", portal.run(naps)).await?, (3, 1));
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn thousand_calls_share_one_link() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let tasks = (0..1000_u64).map(|n| spawn(portal.run(add(n, n))));
            let sums = within("all answers", join_all(tasks)).await;
            for (n, sum) in (0..).zip(sums) {
                assert_eq!(sum.expect("no panic")?, 2 * n);
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn large_values_make_the_round_trip() -> Result<()> {
    const SIZE: usize = 64 << 20;
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let text = "0123456789abcdef".repeat(SIZE / 16);
            let sent = text.clone();
            let (back, sum) = within("answers", async {
                // A small call beside the large one gets its turn.
                tokio::join!(portal.run(repeat(sent)), portal.run(add(1, 2)))
            })
            .await;
            assert!(back? == text, "it is the same text");
            assert_eq!(sum?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn many_large_values_do_not_get_stuck() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            // Far more than a socket's buffer, in both directions at the same time.
            let calls = (0..64_u32).map(|n| portal.run(repeat(n.to_string().repeat(1 << 20))));
            for (n, back) in (0..).zip(within("all answers", join_all(calls)).await) {
                let back = back?;
                assert!(back == n.to_string().repeat(1 << 20), "it is the same text");
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn worker_with_threads_answers_beside_a_blocked_one() -> Result<()> {
    tractor::cluster! {
        modules: [self, tests::workers], count: 1, worker_threads: 3, hard_kill: true,
    }
    .scope(async |workers| {
        let portal = &workers["worker_0"];
        assert!(within("an answer", portal.run(threads)).await? >= 3);
        let mut blocked = pin!(portal.run(spin));
        begin(&mut blocked).await;
        let calls = (0..100).map(|n| portal.run(add(n, 1)));
        for (n, sum) in (0..).zip(within("all answers", join_all(calls)).await) {
            assert_eq!(sum?, n + 1);
        }
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name(), worker_threads = 2)]
async fn root_with_threads_runs_clusters() -> Result<()> {
    let tasks = (0..3).map(|_| {
        spawn(async {
            tractor::cluster! { modules: [tests::workers], count: 1 }
                .scope(async |workers| workers["worker_0"].run(add(1, 2)).await)
                .await
        })
    });
    for sum in within("all clusters", join_all(tasks)).await {
        assert_eq!(sum.expect("no panic")?, 3);
    }
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn actors_nest_to_any_depth() -> Result<()> {
    let mut pids = within("an answer", descend(4).into_future()).await?;
    assert_eq!(pids[0], std::process::id());
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 5);
    assert_nobody_left().await;
    Ok(())
}

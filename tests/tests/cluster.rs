//! A cluster: its names, its portals, and what cannot be one.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::FutureExt;
use tests::actor::{assert_nobody_left, assert_reaped, begin, done, failure, fresh_name, within};
use tests::workers::{add, nap, pid};
use tractor::{Error, ExitReport, Result};

/// Without any rpc function.
mod barren {}

#[tractor::rpc]
async fn my_name() -> String {
    tractor::current_actor().aid().path().to_owned()
}

#[tractor::test(name = fresh_name())]
async fn keys_are_spawner_and_name() -> Result<()> {
    let root = tractor::current_actor().aid().path().to_owned();
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            let names: Vec<_> = workers.names().collect();
            let expected = ["worker_0", "worker_1"].map(|name| format!("{root}.{name}"));
            assert_eq!(names, expected);
            for (name, portal) in &workers {
                assert_eq!(portal.aid().path(), name);
                assert_eq!(within("an answer", portal.run(my_name)).await?, name);
            }
            assert_eq!(workers.spawner().path(), root);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn every_worker_is_a_process() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 3 }
        .scope(async |workers| {
            let mut pids = vec![std::process::id()];
            for portal in workers.portals() {
                let pid = within("an answer", portal.run(pid)).await?;
                assert_eq!(pid, portal.aid().pid());
                pids.push(pid);
            }
            pids.sort_unstable();
            pids.dedup();
            assert_eq!(pids.len(), 4);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn look_up_takes_full_and_short_names() -> Result<()> {
    let root = tractor::current_actor().aid().path().to_owned();
    tractor::cluster! { modules: [tests::workers], names: ["zoe", "adam"] }
        .scope(async |workers| {
            let full = format!("{root}.adam");
            let adam = workers.get(&full).expect("adam is there").aid().clone();
            assert_eq!(workers["adam"].aid(), adam);
            assert_eq!(workers[full.as_str()].aid(), adam);
            assert!(workers.get("eve").is_none());
            assert!(workers.get("other.adam").is_none());
            // In the order in which they were named, not in that of the alphabet.
            let order: Vec<_> = workers
                .iter()
                .map(|(_, portal)| portal.aid().name().to_owned())
                .collect();
            assert_eq!(order, ["zoe", "adam"]);
            assert_eq!((workers.len(), workers.is_empty()), (2, false));
            assert_eq!(workers.iter().len(), 2);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn unknown_index_panics_and_reaps() {
    let mut report = ExitReport::default();
    let scope = tractor::cluster! { modules: [tests::workers], names: ["zoe", "adam"] }.scope(
        async |workers| {
            report = workers.report();
            drop(workers["eve"].run(nap));
            done()
        },
    );
    let caught = within("the scope ends", AssertUnwindSafe(scope).catch_unwind()).await;
    let panic = caught.expect_err("there is no eve");
    let text = panic
        .downcast_ref::<String>()
        .expect("the message is formatted");
    assert!(text.contains("no worker is named `eve`"), "{text}");
    assert!(text.contains(".zoe") && text.contains(".adam"), "{text}");
    assert_reaped(&report, 2);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn panic_of_the_body_reaps_first() {
    let mut report = ExitReport::default();
    let scope = tractor::cluster! { modules: [tests::workers], count: 2 }.scope(async |workers| {
        report = workers.report();
        let mut naps = pin!(workers.run_all(nap));
        begin(&mut naps).await;
        if !workers.is_empty() {
            panic!("the body gives up");
        }
        done()
    });
    let caught = within("the scope ends", AssertUnwindSafe(scope).catch_unwind()).await;
    let panic = caught.expect_err("the body panics");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the body gives up"));
    assert_reaped(&report, 2);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn body_returns_its_own_error_type() {
    #[derive(Debug)]
    enum Mine {
        Tractor(Error),
        Own(&'static str),
    }

    impl From<Error> for Mine {
        fn from(error: Error) -> Self {
            Self::Tractor(error)
        }
    }

    let own = tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |_| Err::<(), _>(Mine::Own("enough")))
        .await;
    assert!(matches!(own, Err(Mine::Own("enough"))), "{own:?}");
    let config = tractor::cluster! { modules: [tests::workers] }
        .count(0)
        .scope(async |_| Ok::<_, Mine>(()))
        .await;
    assert!(
        matches!(config, Err(Mine::Tractor(Error::Config(_)))),
        "{config:?}"
    );
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn run_all_answers_by_full_name() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["b", "a"] }
        .scope(async |workers| {
            let answers = within("all answers", workers.run_all(my_name)).await;
            assert_eq!(answers.len(), 2);
            for (name, answer) in answers {
                assert_eq!(answer?, name);
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn run_all_keeps_failures_apart() -> Result<()> {
    tractor::cluster! { modules: [self, tests::workers], names: ["good", "gone"] }
        .scope(async |workers| {
            within("it is reaped", workers["gone"].cancel_actor()).await?;
            let answers = within("all answers", workers.run_all(add(1, 2))).await;
            let failed = |answer: &Result<u64>| matches!(answer, Err(Error::Cancelled(_)));
            assert_eq!(answers.values().filter(|answer| failed(answer)).count(), 1);
            assert_eq!(
                answers
                    .values()
                    .filter(|answer| matches!(answer, Ok(3)))
                    .count(),
                1
            );
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn cancelled_cluster_fails_later_calls() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 2 }
        .scope(async |workers| {
            let mut naps = pin!(workers.run_all(nap));
            begin(&mut naps).await;
            workers.cancel().await;
            for answer in within("the naps end", naps).await.into_values() {
                assert!(matches!(failure(answer), Error::Cancelled(_)));
            }
            let late = within("a refusal", workers["worker_0"].run(add(1, 2))).await;
            assert!(matches!(failure(late), Error::Cancelled(_)));
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn clusters_run_one_after_another() -> Result<()> {
    for _ in 0..3 {
        tractor::cluster! { modules: [tests::workers], count: 2 }
            .scope(async |workers| {
                for answer in within("answers", workers.run_all(add(1, 2)))
                    .await
                    .into_values()
                {
                    assert_eq!(answer?, 3);
                }
                done()
            })
            .await?;
        assert_nobody_left().await;
    }
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn clusters_run_side_by_side() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], names: ["left"] }
        .scope(async |left| {
            tractor::cluster! { modules: [self], names: ["right"] }
                .scope(async |right| {
                    let sum = left["left"].run(add(1, 2));
                    let name = right["right"].run(my_name);
                    let (sum, name) = within("answers", async { tokio::join!(sum, name) }).await;
                    assert_eq!(sum?, 3);
                    assert!(name?.ends_with(".right"));
                    done()
                })
                .await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// A test's thread has 2 MiB of stack: what a body holds is not on it once for every scope around.
#[tractor::test(name = fresh_name())]
async fn scopes_nest_deeply() -> Result<()> {
    let worker = |name| tractor::cluster! { modules: [tests::workers], names: [name] };
    let sum = worker("a").scope(async |a| {
        let b = worker("b").scope(async |b| {
            let c = worker("c").scope(async |c| {
                let d = worker("d").scope(async |d| {
                    let sum = a["a"].run(add(1, 2)).await? + b["b"].run(add(3, 4)).await?;
                    Ok::<_, Error>(
                        sum + c["c"].run(add(5, 6)).await? + d["d"].run(add(7, 8)).await?,
                    )
                });
                d.await
            });
            c.await
        });
        b.await
    });
    assert_eq!(sum.await?, 36);
    assert_nobody_left().await;
    Ok(())
}

async fn refused(cluster: tractor::ClusterBuilder<impl Sized>) -> String {
    let result = cluster.scope(async |_| done()).await;
    match failure(result) {
        Error::Config(error) => error.to_string(),
        other => panic!("not Error::Config but {other}"),
    }
}

#[tractor::test(name = fresh_name())]
async fn impossible_clusters_are_refused() {
    let zero = std::hint::black_box(0);
    let text = refused(tractor::cluster! { modules: [tests::workers], count: zero }).await;
    assert!(text.contains("at least 1"), "{text}");

    let names = vec!["a".to_owned(), "b".to_owned()];
    let text =
        refused(tractor::cluster! { modules: [tests::workers], names: names, count: 3 }).await;
    assert!(
        text.contains("count: 3") && text.contains("2 names"),
        "{text}"
    );

    let same = vec!["twin"; 2];
    let text = refused(tractor::cluster! { modules: [tests::workers], names: same }).await;
    assert!(text.contains("`twin`"), "{text}");

    let dotted = vec!["a.b"];
    let text = refused(tractor::cluster! { modules: [tests::workers], names: dotted }).await;
    assert!(text.contains("`a.b`"), "{text}");

    let text = refused(tractor::cluster! { modules: [tests::workers], max_in_flight: 0 }).await;
    assert!(text.contains("max_in_flight"), "{text}");

    let text = refused(tractor::cluster! { modules: [tests::workers], max_frame: 1 }).await;
    assert!(text.contains("max_frame"), "{text}");
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn barren_module_lists_the_fertile_ones() {
    let text = refused(tractor::cluster! { modules: [barren], count: 1 }).await;
    assert!(text.contains("`barren`"), "{text}");
    assert!(
        text.contains("cluster") && text.contains("tests::workers"),
        "{text}"
    );
    assert_nobody_left().await;
}

#[test]
fn cluster_outside_of_the_runtime_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    let text = runtime.block_on(refused(
        tractor::cluster! { modules: [tests::workers], count: 1 },
    ));
    assert!(text.contains("#[tractor::main]"), "{text}");
}

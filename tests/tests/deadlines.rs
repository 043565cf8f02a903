//! A call does not outlive its deadline, nor do the calls it makes in turn.

use std::pin::pin;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tests::HOUR;
use tests::actor::{assert_nobody_left, begin, done, failure, fresh_name, spawn, until, within};
use tests::workers::{add, nap, nap_over, naps, spin};
use tractor::{Dynamic, Error, Portal, Result, current_call};

const SHORT: Duration = Duration::from_millis(100);
/// Long enough that a busy machine does not use it up before the call is on its way.
const ROOMY: Duration = Duration::from_millis(600);

static INNER: Mutex<Option<Portal<Dynamic>>> = Mutex::new(None);
static EXPIRED: Mutex<Option<Duration>> = Mutex::new(None);

/// Keeps a worker of its own until it is cancelled.
#[tractor::rpc]
async fn host() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], names: ["inner"] }
        .scope(async |workers| {
            *INNER.lock().expect("never poisoned") = Some(workers["inner"].dynamic());
            std::future::pending::<()>().await;
            Ok(())
        })
        .await
}

fn inner() -> Option<Portal<Dynamic>> {
    INNER.lock().expect("never poisoned").clone()
}

#[tractor::rpc]
async fn hosts() -> bool {
    inner().is_some()
}

/// Begins a call that has an hour, and leaves it to a task which goes on when this is cancelled.
#[tractor::rpc]
async fn ask_inner() {
    let mut call = inner().expect("it hosts").run(nap).timeout(HOUR);
    begin(&mut call).await;
    spawn(async move {
        let Error::DeadlineExceeded(error) = failure(call.await) else {
            panic!("a nap never ends");
        };
        *EXPIRED.lock().expect("never poisoned") = Some(error.timeout());
    });
    std::future::pending::<()>().await;
}

#[tractor::rpc]
async fn expired() -> Option<Duration> {
    *EXPIRED.lock().expect("never poisoned")
}

fn assert_exceeded<T>(result: Result<T>, function: &str, at_most: Duration) {
    let Error::DeadlineExceeded(error) = failure(result) else {
        panic!("it was to exceed its deadline");
    };
    assert_eq!(error.function(), function);
    assert!(error.timeout() <= at_most, "{error}");
    assert!(error.to_string().contains("deadline"), "{error}");
}

#[tractor::test(name = fresh_name())]
async fn expired_call_is_cancelled_there() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let began = Instant::now();
            let result = within("it expires", portal.run(nap).timeout(SHORT)).await;
            assert!(began.elapsed() >= SHORT);
            assert_exceeded(result, "tests::workers::nap", SHORT);
            let deadline = Instant::now() + SHORT;
            let result = within("it expires", portal.run(nap).deadline(deadline)).await;
            assert!(Instant::now() >= deadline);
            assert_exceeded(result, "tests::workers::nap", SHORT);
            until("both are cancelled", async || {
                portal.run(naps).await.is_ok_and(|seen| seen == (2, 2))
            })
            .await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn answer_in_time_needs_no_deadline() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let call = workers["worker_0"].run(add(1, 2)).timeout(HOUR);
            assert_eq!(within("an answer", call).await?, 3);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn shortest_of_several_timeouts_counts() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let call = portal.run(nap).timeout(SHORT).timeout(HOUR);
            let result = within("it expires", call).await;
            assert_exceeded(result, "tests::workers::nap", SHORT);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn blocked_worker_does_not_hold_up_the_deadline() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1, hard_kill: true }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let result = within("it expires", portal.run(spin).timeout(SHORT)).await;
            assert_exceeded(result, "tests::workers::spin", SHORT);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn waiting_for_room_counts_too() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 1, max_in_flight: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let mut first = pin!(portal.run(nap));
            begin(&mut first).await;
            let result = within("it expires", portal.run(add(1, 2)).timeout(SHORT)).await;
            assert_exceeded(result, "tests::workers::add", SHORT);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn nested_call_inherits_what_is_left() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["outer"] }
        .scope(async |workers| {
            let portal = &workers["outer"];
            let checks = async {
                until("it hosts", async || {
                    matches!(portal.run(hosts).await, Ok(true))
                })
                .await;
                let result = within("it expires", portal.run(ask_inner).timeout(ROOMY)).await;
                assert_exceeded(result, "deadlines::ask_inner", ROOMY);
                let mut left = None;
                until("the nested call expires", async || {
                    left = portal.run(expired).await.ok().flatten();
                    left.is_some()
                })
                .await;
                assert!(left.is_some_and(|left| left <= ROOMY), "{left:?}");
            };
            tokio::select! {
                ended = portal.run(host) => ended?,
                () = checks => {}
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// How long this call has left.
#[tractor::rpc]
async fn left() -> Option<Duration> {
    let deadline = current_call()?.deadline()?;
    Some(deadline.saturating_duration_since(Instant::now()))
}

/// Has one-shots look how long they have left: one that says nothing of it, and one that has less.
#[tractor::rpc]
async fn delegate(timeout: Duration) -> Result<[Option<Duration>; 2]> {
    tractor::nursery()
        .scope(async |an| {
            let first = an.run_in_actor(left).await?;
            let second = an.run_in_actor(left).timeout(timeout).await?;
            Ok([first.result().await?, second.result().await?])
        })
        .await
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn one_shot_inherits_the_deadline_of_the_call_that_starts_it() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let unbounded = within("an answer", portal.run(delegate(HOUR))).await?;
            assert_eq!(unbounded[0], None);
            assert!(unbounded[1].is_some_and(|left| left <= HOUR));
            let call = portal.run(delegate(HOUR)).timeout(2 * HOUR);
            let [first, second] = within("an answer", call).await?;
            let (first, second) = (first.expect("it has one"), second.expect("it has one"));
            assert!(HOUR < first && first <= 2 * HOUR, "{first:?}");
            assert!(second <= HOUR, "{second:?}");
            let call = portal.run(delegate(2 * HOUR)).timeout(HOUR);
            let [_, second] = within("an answer", call).await?;
            assert!(second.is_some_and(|left| left <= HOUR), "{second:?}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn one_shot_that_takes_too_long_fails_its_scope() {
    for at_start in [false, true] {
        let scope = tractor::nursery().scope(async |an| {
            let starting = an.run_in_actor(nap);
            match at_start {
                true => drop(starting.deadline(Instant::now()).await?),
                false => drop(starting.timeout(ROOMY).await?),
            }
            std::future::pending::<()>().await;
            done()
        });
        let ended = within("the scope fails", scope).await;
        assert_exceeded(ended, "tests::workers::nap", ROOMY);
    }
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn timeouts_reach_run_all_and_map() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 2 }
        .scope(async |workers| {
            let results = within("they expire", workers.run_all(nap).timeout(SHORT)).await;
            assert_eq!(results.len(), 2);
            for result in results.into_values() {
                assert_exceeded(result, "tests::workers::nap", SHORT);
            }
            let stream = workers.map(0..2_u32, nap_over).timeout(SHORT);
            let results: Vec<_> =
                within("they expire", futures_util::StreamExt::collect(stream)).await;
            assert_eq!(results.len(), 2);
            for (_, result) in results {
                assert_exceeded(result, "tests::workers::nap_over", SHORT);
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

//! `Cluster::map`: many inputs over the workers.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::StreamExt;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::workers::die;
use tokio::sync::Semaphore;
use tractor::{Error, Result};

static GATE: Semaphore = Semaphore::const_new(0);

/// Returns at once, but for input 0, which waits until the worker is told to [`open`].
#[tractor::rpc]
async fn gated(input: u32) -> u32 {
    if input == 0 {
        let _pass = GATE.acquire().await.expect("the gate is never closed");
    }
    input
}

#[tractor::rpc]
async fn open() {
    GATE.add_permits(1000);
}

#[tractor::rpc]
async fn even(input: u32) -> Result<u32, String> {
    match input % 2 {
        0 => Ok(input),
        _ => Err(format!("{input} is odd")),
    }
}

#[tractor::rpc]
async fn deadly(input: u32) -> u32 {
    if input == 3 {
        die(9).await;
    }
    input
}

#[tractor::rpc]
async fn whoami(_input: u32) -> u32 {
    std::process::id()
}

#[tractor::test(name = fresh_name())]
async fn every_input_is_answered_once() -> Result<()> {
    tractor::cluster! { modules: [self], count: 3 }
        .scope(async |workers| {
            within("open", workers.run_all(open)).await;
            for buffer in [1, 7] {
                let stream = workers.map(0..500_u32, gated).buffer(buffer);
                let answers: Vec<_> = within("all answers", stream.collect()).await;
                assert_eq!(answers.len(), 500);
                let answers: BTreeMap<_, _> = answers.into_iter().collect();
                for (index, answer) in answers {
                    assert_eq!(answer? as usize, index);
                }
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn slow_input_holds_up_no_other() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            let mut stream = pin!(workers.map(0..100_u32, gated));
            let mut seen = Vec::new();
            // Input 0 keeps one worker; the other does all the rest.
            for _ in 1..100 {
                let item = within("an answer", stream.next()).await;
                seen.push(item.expect("input 0 is still to come").0);
            }
            assert_eq!(seen, (1..100).collect::<Vec<_>>());
            within("open", workers.run_all(open)).await;
            let last = within("the last answer", stream.next()).await;
            assert!(matches!(last, Some((0, Ok(0)))), "{last:?}");
            assert!(within("the end", stream.next()).await.is_none());
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn ordered_keeps_the_order_of_inputs() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            within("open", workers.run_all(open)).await;
            let stream = workers.map(0..300_u32, gated).buffer(4).ordered();
            let answers: Vec<_> = within("all answers", stream.collect()).await;
            for (expected, (index, answer)) in answers.iter().enumerate() {
                assert_eq!(*index, expected);
                assert!(matches!(answer, Ok(value) if *value as usize == expected));
            }
            assert_eq!(answers.len(), 300);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn inputs_are_pulled_when_a_worker_is_free() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            within("open", workers.run_all(open)).await;
            let pulled = Cell::new(0);
            let inputs = (0_u32..).inspect(|_| pulled.set(pulled.get() + 1));
            let mut stream = pin!(workers.map(inputs, gated).buffer(3));
            assert_eq!(pulled.get(), 0, "nothing before the first poll");
            for taken in 1..=50 {
                within("an answer", stream.next()).await;
                assert!(
                    pulled.get() <= taken + 2 * 3,
                    "{} for {taken}",
                    pulled.get()
                );
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn ordered_looks_ahead_within_bounds() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            let pulled = Cell::new(0_usize);
            let inputs = (0_u32..).inspect(|_| pulled.set(pulled.get() + 1));
            let mut stream = pin!(workers.map(inputs, gated).ordered());
            // Input 0 is held back: everything else waits behind it, and that is bounded.
            let first = tokio::time::timeout(std::time::Duration::from_millis(300), stream.next());
            assert!(first.await.is_err(), "input 0 waits");
            // As many as there are calls in flight at most, four times over, and those in flight.
            assert!(pulled.get() <= 4 * 2 + 2, "{}", pulled.get());
            within("open", workers.run_all(open)).await;
            for expected in 0..50 {
                let item = within("an answer", stream.next()).await;
                let (index, answer) = item.expect("the inputs have no end");
                assert_eq!((index, answer?), (expected, index as u32));
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn failing_input_is_an_item_like_others() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            let stream = workers.map(0..100_u32, even).ordered();
            let answers: Vec<_> = within("all answers", stream.collect()).await;
            assert_eq!(answers.len(), 100);
            for (index, answer) in answers {
                match answer {
                    Ok(value) => assert_eq!((index, index % 2), (value as usize, 0)),
                    Err(Error::Remote(error)) => {
                        let text = error.downcast::<String>().expect("a text was returned");
                        assert_eq!(text, format!("{index} is odd"));
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn dead_worker_fails_its_input_and_the_scope() {
    let mut seen = None;
    let scope = tractor::cluster! { modules: [self], count: 2 }.scope(async |workers| {
        let mut stream = pin!(workers.map(0_u32.., deadly));
        while let Some((index, answer)) = stream.next().await {
            if let Err(error) = answer {
                seen = Some((index, error));
                std::future::pending::<()>().await;
            }
        }
        done()
    });
    let error = failure(within("the scope ends", scope).await);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    let (index, error) = seen.expect("the stream told of it first");
    assert_eq!(index, 3);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn cancelled_worker_takes_no_more_inputs() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            within("it is reaped", workers["worker_0"].cancel_actor()).await?;
            let stream = workers.map(0..50_u32, whoami);
            let answers: Vec<_> = within("all answers", stream.collect()).await;
            assert_eq!(answers.len(), 50);
            let living = workers["worker_1"].aid().pid();
            let failed = answers.iter().filter(|(_, answer)| answer.is_err()).count();
            // It is found to be gone by the one call that it was given.
            assert!(failed <= 1, "{failed} failed");
            for (_, answer) in answers {
                assert!(answer.is_err() || matches!(answer, Ok(pid) if pid == living));
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn no_inputs_give_no_items() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let mut stream = pin!(workers.map(Vec::new(), gated).ordered());
            assert!(within("the end", stream.next()).await.is_none());
            assert!(within("the end", stream.next()).await.is_none());
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

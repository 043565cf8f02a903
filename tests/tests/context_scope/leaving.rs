//! Leaving a scope: nothing of its function is left behind.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tests::actor::{assert_nobody_left, done, fresh_name, within};
use tests::stage::{gate, open_gate, saw, see, seen};
use tractor::{Context, Error, Portal, Result, current_call, shield};

/// Is shielded from its first poll on, until it is cancelled and the gate opens.
#[tractor::context]
async fn stubborn(ctx: Context<(), (), ()>, starts: bool) -> Result<()> {
    let call = current_call().expect("it answers a call");
    shield(async {
        see("begun");
        let mut stream = None;
        if starts {
            let stream = stream.insert(ctx.started(()).await?.open_stream());
            stream.send(()).await?;
        }
        call.cancelled().await;
        see("cancelled");
        gate().await;
        tokio::task::yield_now().await;
        see("clean");
        done()
    })
    .await?;
    pending().await
}

/// How a scope is left whose function is shielded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Fails,
    Cancels,
    Expires,
    ExpiresBefore,
}

async fn leave(portal: &Portal, leaving: Leaving) -> anyhow::Result<()> {
    let starts = leaving != Leaving::ExpiresBefore;
    let context = portal.open_context(stubborn(starts));
    let context = match leaving {
        Leaving::Fails | Leaving::Cancels => context,
        _ => context.timeout(Duration::from_millis(50)),
    };
    let ended = AtomicBool::new(false);
    let scope = async {
        let result = context
            .scope(async |ctx, ()| {
                assert_eq!(ctx.open_stream().try_next().await?, Some(()));
                match leaving {
                    Leaving::Fails => anyhow::bail!("it has had enough"),
                    Leaving::Cancels => Ok(ctx.cancel().await?),
                    _ => pending().await,
                }
            })
            .await;
        ended.store(true, Ordering::SeqCst);
        result
    };
    let release = async {
        saw(portal, &["begun", "cancelled"]).await;
        // Answers that came after the cancellation: what could end the scope has arrived.
        saw(portal, &["begun", "cancelled"]).await;
        assert!(
            !ended.load(Ordering::SeqCst),
            "{leaving:?}: it has left its function behind"
        );
        portal.run(open_gate).await
    };
    let (result, released) = within(
        &format!("{leaving:?}"),
        futures_util::future::join(scope, release),
    )
    .await;
    released?;
    assert_eq!(
        within("an answer", portal.run(seen)).await?,
        ["begun", "cancelled", "clean"]
    );
    result
}

#[tractor::test(name = fresh_name())]
async fn scope_outlives_its_function() -> Result<()> {
    for leaving in [
        Leaving::Fails,
        Leaving::Cancels,
        Leaving::Expires,
        Leaving::ExpiresBefore,
    ] {
        tractor::cluster! { modules: [self, tests::stage], count: 1 }
            .scope(async |workers| {
                let result = leave(&workers["worker_0"].dynamic(), leaving).await;
                match (leaving, result.map_err(anyhow::Error::downcast)) {
                    (Leaving::Cancels, Ok(())) => {}
                    (Leaving::Fails, Err(Err(error))) => {
                        assert_eq!(error.to_string(), "it has had enough");
                    }
                    (_, Err(Ok(Error::DeadlineExceeded(_)))) => {}
                    (_, other) => panic!("{leaving:?}: {other:?}"),
                }
                done()
            })
            .await?;
    }
    assert_nobody_left().await;
    Ok(())
}

/// Sends so many items, whether or not anybody reads them.
#[tractor::context]
async fn pour(ctx: Context<(), Vec<u8>, ()>, count: usize) -> Result<usize> {
    let mut stream = ctx.started(()).await?.open_stream();
    for _ in 0..count {
        stream.send(vec![7; 1000]).await?;
    }
    see(format!("poured {count}"));
    Ok(count)
}

#[tractor::test(name = fresh_name())]
async fn scope_that_is_left_drains_to_the_result() -> Result<()> {
    const COUNT: usize = 2000;
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let opened = portal.open_context(pour(COUNT)).scope(async |_, ()| done());
            within("nothing is opened", opened).await?;
            let opened = portal.open_context(pour(COUNT)).scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                for _ in 0..3 {
                    assert!(stream.try_next().await?.is_some());
                }
                done()
            });
            within("most is not read", opened).await?;
            // Asked for the result, what is not opened is not read either.
            let opened = portal
                .open_context(pour(COUNT))
                .scope(async |ctx, ()| ctx.result().await);
            assert_eq!(within("the result", opened).await?, COUNT);
            // Each has come to its end by the time its scope has.
            let poured = format!("poured {COUNT}");
            assert_eq!(
                within("an answer", portal.run(seen)).await?,
                vec![poured; 3]
            );
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

//! Futures that are dropped after any number of polls.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use tests::actor::{assert_nobody_left, done, failure, fresh_name, until, within};
use tractor::{Context, Error, Result};

use crate::functions::{alive, twice};

/// Polls `future` no more than `most` times; `None` when it was not ready by then.
async fn poll_times<F: Future>(most: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut polls = 0;
    poll_fn(|cx| {
        if polls == most {
            return Poll::Ready(None);
        }
        polls += 1;
        let polled = Pin::as_mut(&mut future).poll(cx).map(Some);
        if polls == most && polled.is_pending() {
            return Poll::Ready(None);
        }
        polled
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn scope_is_dropped_at_any_await() -> Result<()> {
    tractor::cluster! { modules: [crate::functions, tests::stage], count: 1, stream_window: 1024 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let mut most = 0;
            loop {
                let scope = portal.open_context(twice).scope(async |ctx, ()| {
                    let mut stream = ctx.open_stream();
                    for n in 0..5 {
                        stream.send(n).await?;
                        assert_eq!(stream.try_next().await?, Some(2 * n));
                    }
                    stream.close().await?;
                    assert_eq!(stream.try_next().await?, None);
                    ctx.result().await
                });
                let ended = within("the polls", poll_times(most, scope)).await;
                until("the function is gone", async || {
                    portal.run(alive).await.expect("it answers") == 0
                })
                .await;
                if let Some(result) = ended {
                    assert_eq!(result?, 5);
                    break;
                }
                most += 1;
            }
            assert!(
                most > 5,
                "it has awaited the other process at least once an item: {most}"
            );
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Starts, after so many polls of an attempt; gives up if it was not ready by then.
#[tractor::context]
async fn start_in_polls(ctx: Context<(), (), ()>, most: usize) -> Result<bool> {
    match poll_times(most, ctx.started(())).await {
        Some(started) => started.map(|_| true),
        None => Ok(false),
    }
}

#[tractor::test(name = fresh_name())]
async fn dropped_start_has_sent_nothing() -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let context = portal.open_context(start_in_polls(0));
            let scope = context.scope(async |_, ()| -> Result<()> { panic!("it has not started") });
            let error = failure(within("it returns", scope).await);
            let text = error.to_string();
            assert!(
                matches!(error, Error::Config(_)) && text.contains("before it has started"),
                "{text}"
            );
            let context = portal.open_context(start_in_polls(1));
            let scope = context.scope(async |ctx, ()| ctx.result().await);
            assert!(within("it returns", scope).await?);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

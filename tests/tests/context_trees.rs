//! Contexts in trees: relayed onward, opened at one's parent, inside calls and around them (C2, C3).

use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{join, join_all, try_join_all};
use tests::actor::{assert_nobody_left, done, failure, fresh_name, spawn, until, within};
use tests::workers::add;
use tractor::{
    Config, Context, Dynamic, Error, Nursery, Portal, Result, current_actor, current_call, modules,
    parent_portal,
};

const HOUR: Duration = Duration::from_secs(3600);

/// How the functions of this actor have ended.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[tractor::rpc]
async fn seen() -> Vec<String> {
    SEEN.lock().expect("nobody panics").clone()
}

/// Cancels the leaf below this actor.
#[tractor::rpc]
async fn cancel_below() -> Result<()> {
    let below = BELOW.lock().expect("nobody panics").clone();
    below.expect("it was started").cancel_actor().await
}

/// The leaf that this actor relays to.
static BELOW: Mutex<Option<Portal<Dynamic>>> = Mutex::new(None);

struct Witness;

impl Drop for Witness {
    fn drop(&mut self) {
        let call = current_call().expect("a function answers a call");
        let how = call
            .cancellation()
            .map(|cancelled| cancelled.canceller().name().to_owned());
        SEEN.lock()
            .expect("nobody panics")
            .push(how.unwrap_or_else(|| "ended".into()));
    }
}

/// Doubles what it receives; fails at 13, and dies never.
#[tractor::context]
async fn double(ctx: Context<String, u64, u64>) -> Result<u64, String> {
    let _witness = Witness;
    let me = current_actor().aid().name().to_owned();
    let mut stream = ctx.started(me).await.expect("it can start").open_stream();
    let mut count = 0;
    while let Some(item) = stream.next().await {
        let item = item.expect("it is not cut while this goes on");
        if item == 13 {
            return Err("thirteen".into());
        }
        stream.send(2 * item).await.expect("it is read");
        count += 1;
    }
    Ok(count)
}

async fn nursery<T>(body: impl AsyncFnOnce(Nursery) -> Result<T>) -> Result<T> {
    let config = Config::new().cancel_timeout(HOUR).kill_timeout(HOUR);
    tractor::nursery().config(config).scope(body).await
}

/// Relays the dialog to a leaf of its own, in both directions.
#[tractor::context]
async fn relay(ctx: Context<String, u64, u64>) -> Result<u64> {
    let _witness = Witness;
    nursery(async |an| {
        let leaf = an.start_actor("leaf", modules![self]).await?.dynamic();
        *BELOW.lock().expect("nobody panics") = Some(leaf.clone());
        let scope = leaf.open_context(double).scope(async |below, name| {
            let above = ctx.started(format!("{name} by relay")).await?.open_stream();
            let (mut up, mut from_above) = above.split();
            let (mut down, mut from_below) = below.open_stream().split();
            let downward = async {
                while let Some(item) = from_above.next().await.transpose()? {
                    down.send(item).await?;
                }
                down.close().await
            };
            let upward = async {
                while let Some(item) = from_below.next().await.transpose()? {
                    up.send(item).await?;
                }
                done()
            };
            tokio::try_join!(downward, upward)?;
            below.result().await
        });
        let count = scope.await?;
        an.cancel().await;
        Ok(count)
    })
    .await
}

/// A relay, with its dialog.
async fn with_relay<T>(body: impl AsyncFnOnce(Portal) -> Result<T>) -> Result<T> {
    let result = nursery(async |an| {
        let middle = an
            .start_actor("middle", modules![self, tests::workers])
            .await?;
        let result = within("the dialog", body(middle.dynamic())).await;
        an.cancel().await;
        result
    })
    .await;
    assert_nobody_left().await;
    result
}

#[tractor::test(name = fresh_name())]
async fn context_is_relayed_onward() -> Result<()> {
    let count = with_relay(async |middle| {
        let scope = middle.open_context(relay).scope(async |ctx, first| {
            assert_eq!(first, "leaf by relay");
            let (mut send, mut receive) = ctx.open_stream().split();
            let sent = async {
                for n in 100..2100 {
                    send.send(n).await?;
                }
                send.close().await
            };
            let read = async {
                for n in 100..2100 {
                    assert_eq!(receive.try_next().await?, Some(2 * n));
                }
                assert_eq!(receive.try_next().await?, None);
                done()
            };
            tokio::try_join!(sent, read)?;
            ctx.result().await
        });
        scope.await
    })
    .await?;
    assert_eq!(count, 2000);
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn opener_cancels_all_the_way_down() -> Result<()> {
    with_relay(async |middle| {
        let scope = middle.open_context(relay).scope(async |ctx, _| {
            let mut stream = ctx.open_stream();
            stream.send(4).await?;
            assert_eq!(stream.try_next().await?, Some(8));
            ctx.cancel().await
        });
        scope.await?;
        // The relay was cancelled from here, and with it the leaf was.
        let root = current_actor().aid().name().to_owned();
        assert_eq!(middle.run(seen).await?, [root]);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn failure_of_the_leaf_climbs_to_the_opener() -> Result<()> {
    let error = failure(
        with_relay(async |middle| {
            let scope = middle.open_context(relay).scope(async |ctx, _| {
                let mut stream = ctx.open_stream();
                stream.send(13).await?;
                let read = stream.next().await;
                assert!(matches!(read, Some(Err(Error::Remote(_)))), "{read:?}");
                ctx.result().await
            });
            scope.await
        })
        .await,
    );
    let Error::Remote(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.message(), "thirteen");
    assert_eq!(error.origin().name(), "leaf");
    let path: Vec<_> = error.relay_path().iter().map(tractor::Aid::name).collect();
    assert_eq!(path, ["middle"]);
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn third_party_cancels_the_leaf() -> Result<()> {
    with_relay(async |middle| {
        let scope = middle.open_context(relay).scope(async |ctx, _| {
            let mut stream = ctx.open_stream();
            stream.send(4).await?;
            assert_eq!(stream.try_next().await?, Some(8));
            // A handler of the middle ends the leaf, while the relay goes on.
            middle.run(cancel_below).await?;
            let read = stream.next().await;
            assert!(
                matches!(read, Some(Err(_))),
                "it was not ended on purpose: {read:?}"
            );
            ctx.result().await
        });
        let error = failure(scope.await);
        // The relay did not ask for it, and fails with who did.
        let Error::Remote(remote) = error else {
            panic!("{error}");
        };
        let cancelled = remote
            .downcast::<Error>()
            .expect("the relay has failed with it");
        let Error::Cancelled(cancelled) = cancelled else {
            panic!("{cancelled}");
        };
        assert_eq!(cancelled.canceller().name(), "middle");
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn end_of_the_relay_cancels_both_sides() -> Result<()> {
    nursery(async |an| {
        let middle = an.start_actor("middle", modules![self]).await?.dynamic();
        let scope = middle.open_context(relay).scope(async |ctx, _| {
            let mut stream = ctx.open_stream();
            stream.send(4).await?;
            assert_eq!(stream.try_next().await?, Some(8));
            let (portal, reads) = (middle.clone(), stream.next());
            let (read, ended) = join(reads, portal.cancel_actor()).await;
            ended?;
            assert!(matches!(read, Some(Err(Error::Cancelled(_)))), "{read:?}");
            ctx.result().await
        });
        let error = failure(within("the scope", scope).await);
        let Error::Cancelled(cancelled) = error else {
            panic!("{error}");
        };
        assert_eq!(cancelled.canceller(), current_actor().aid());
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Opens a context at its parent, and gives what that says.
#[tractor::rpc]
async fn ask_parent(items: u64) -> Result<u64> {
    let parent = parent_portal().expect("this is a child");
    let scope = parent.open_context(double).scope(async |ctx, _| {
        let mut stream = ctx.open_stream();
        for n in 100..100 + items {
            stream.send(n).await?;
            assert_eq!(stream.try_next().await?, Some(2 * n));
        }
        stream.close().await?;
        ctx.result().await
    });
    scope.await
}

#[tractor::test(name = fresh_name())]
async fn context_goes_to_the_parent_as_well() -> Result<()> {
    nursery(async |an| {
        let child = an
            .actor("child")
            .modules(modules![self])
            .serve(modules![self]);
        let child = child.start().await?;
        // Both ways on one link at the same time.
        let asked = child.run(ask_parent(500));
        let opened = child.open_context(double).scope(async |ctx, name| {
            assert_eq!(name, "child");
            let mut stream = ctx.open_stream();
            for n in 100..600 {
                stream.send(n).await?;
                assert_eq!(stream.try_next().await?, Some(2 * n));
            }
            stream.close().await?;
            ctx.result().await
        });
        let (asked, opened) = within("both", join(asked, opened)).await;
        assert_eq!((asked?, opened?), (500, 500));
        an.cancel().await;
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn parent_that_serves_nothing_refuses() -> Result<()> {
    nursery(async |an| {
        let child = an.start_actor("child", modules![self]).await?;
        let Error::Remote(error) = failure(within("the refusal", child.run(ask_parent(1))).await)
        else {
            panic!("the function has failed");
        };
        let refused = error
            .downcast::<Error>()
            .expect("it is what the parent has said");
        assert!(matches!(refused, Error::ModuleNotExposed(_)), "{refused}");
        an.cancel().await;
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Calls functions of a child of its own for each item, in a context around those calls.
#[tractor::context]
async fn call_for_each(ctx: Context<(), u64, u64>) -> Result<()> {
    nursery(async |an| {
        let child = an.start_actor("child", modules![tests::workers]).await?;
        let mut stream = ctx.started(()).await?.open_stream();
        while let Some(item) = stream.try_next().await? {
            stream.send(child.run(add(item, 1)).await?).await?;
        }
        an.cancel().await;
        done()
    })
    .await
}

/// A function that opens a context at a child of its own.
#[tractor::rpc]
async fn context_in_a_call(items: u64) -> Result<u64> {
    nursery(async |an| {
        let child = an.start_actor("child", modules![self]).await?;
        let scope = child.open_context(double).scope(async |ctx, _| {
            let mut stream = ctx.open_stream();
            for n in 100..100 + items {
                stream.send(n).await?;
                assert_eq!(stream.try_next().await?, Some(2 * n));
            }
            stream.close().await?;
            ctx.result().await
        });
        let count = scope.await?;
        an.cancel().await;
        Ok(count)
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn small_limits_deadlock_no_calls_and_contexts() -> Result<()> {
    // One slot is the context's, the other one for all calls beside it.
    tractor::cluster! { modules: [self, tests::workers], count: 1, max_in_flight: 2 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let scope = portal.open_context(call_for_each).scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                for n in 0..20 {
                    stream.send(n).await?;
                    let calls = join_all((0..5).map(|m| portal.run(add(n, m))));
                    let (read, sums) = join(stream.try_next(), calls).await;
                    assert_eq!(read?, Some(n + 1));
                    assert!(sums.into_iter().all(|sum| sum.is_ok()));
                }
                stream.close().await?;
                ctx.result().await
            });
            within("the context", scope).await?;
            let calls = try_join_all([3, 4, 5].map(|n| portal.run(context_in_a_call(n))));
            assert_eq!(within("the calls", calls).await?, [3, 4, 5]);
            done()
        })
        .await?;
    // With a single slot, contexts and calls take turns.
    tractor::cluster! { modules: [self, tests::workers], count: 1, max_in_flight: 1 }
        .scope(async |workers| {
            let portal = workers["worker_0"].dynamic();
            let contexts = (0..10).map(|_| {
                let portal = portal.clone();
                spawn(async move {
                    let scope = portal.open_context(double).scope(async |ctx, _| {
                        let mut stream = ctx.open_stream();
                        stream.send(4).await?;
                        assert_eq!(stream.try_next().await?, Some(8));
                        done()
                    });
                    scope.await?;
                    portal.run(add(1, 2)).await
                })
            });
            for sum in within("all of them", join_all(contexts)).await {
                assert_eq!(sum.expect("it does not panic")?, 3);
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Is cancelled with the call that it is in.
#[tractor::rpc]
async fn hold_a_context() -> Result<()> {
    nursery(async |an| {
        let leaf = an.start_actor("leaf", modules![self]).await?.dynamic();
        *BELOW.lock().expect("nobody panics") = Some(leaf.clone());
        let scope = leaf.open_context(double).scope(async |_ctx, _| {
            pending::<()>().await;
            done()
        });
        scope.await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dropped_call_cancels_the_context_in_it() -> Result<()> {
    nursery(async |an| {
        let middle = an.start_actor("middle", modules![self]).await?;
        let call = middle.run(hold_a_context);
        let begun = until("the leaf has begun", async || {
            tests::process::of_root(current_actor().aid().path()).len() == 2
        });
        tokio::select! {
            result = call => panic!("it never ends: {result:?}"),
            () = begun => {}
        }
        until("the leaf is gone", async || {
            tests::process::of_root(current_actor().aid().path()).len() == 1
        })
        .await;
        an.cancel().await;
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

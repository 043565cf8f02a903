//! Contexts that are relayed onward.

use std::sync::Mutex;

use futures_util::future::join;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::stage::seen;
use tractor::{Context, Error, Portal, Result, current_actor, modules};

use crate::leaf::{Witness, double};
use crate::nursery::nursery;

/// The leaf that this actor relays to.
static BELOW: Mutex<Option<Portal>> = Mutex::new(None);

/// Cancels the leaf below this actor.
#[tractor::rpc]
async fn cancel_below() -> Result<()> {
    let below = BELOW.lock().expect("nobody panics").clone();
    below.expect("it was started").cancel_actor().await
}

/// Relays the dialog to a leaf of its own, in both directions.
#[tractor::context]
async fn relay(ctx: Context<String, u64, u64>) -> Result<u64> {
    let _witness = Witness;
    nursery(async |an| {
        let leaf = an
            .start_actor("leaf", modules![crate::leaf])
            .await?
            .dynamic();
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
            .start_actor("middle", modules![self, tests::stage])
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

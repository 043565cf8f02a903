//! Calls and contexts from a child to its parent.

use std::sync::atomic::{AtomicUsize, Ordering};

use tests::actor::{assert_nobody_left, done, failure, fresh_name, signal, until, within};
use tests::workers::add;
use tractor::{Context, Error, Result, modules, parent_portal};

/// How many naps are being taken here for a child.
static NAPPING: AtomicUsize = AtomicUsize::new(0);

mod here {
    //! What the parent serves.

    use std::future::pending;
    use std::sync::atomic::Ordering;

    use tractor::{Context, Result, current_actor};

    use super::NAPPING;

    #[tractor::rpc]
    pub async fn who() -> String {
        current_actor().aid().to_string()
    }

    #[tractor::rpc]
    pub async fn nap() {
        struct Guard;

        impl Drop for Guard {
            fn drop(&mut self) {
                NAPPING.fetch_sub(1, Ordering::SeqCst);
            }
        }

        NAPPING.fetch_add(1, Ordering::SeqCst);
        let _guard = Guard;
        pending::<()>().await;
    }

    #[tractor::context]
    pub async fn double(ctx: Context<(), u64, u64>) -> Result<()> {
        let mut stream = ctx.started(()).await?.open_stream();
        while let Some(n) = stream.try_next().await? {
            stream.send(2 * n).await?;
        }
        Ok(())
    }
}

#[tractor::rpc]
async fn ask_who() -> Result<String> {
    let parent = parent_portal().expect("this is a child");
    parent.expect(modules![here]).await?.run(here::who).await
}

/// A context from the parent, in which this actor opens one to the parent.
#[tractor::context]
async fn through_the_parent(ctx: Context<String, u64, u64>) -> Result<u64> {
    let mut stream = ctx.started(ask_who().await?).await?.open_stream();
    let parent = parent_portal().expect("this is a child");
    parent
        .open_context(here::double)
        .scope(async |back, ()| {
            let mut doubled = back.open_stream();
            let mut sum = 0;
            while let Some(n) = stream.try_next().await? {
                doubled.send(n).await?;
                let twice = doubled.try_next().await?.expect("an answer to each");
                stream.send(twice).await?;
                sum += twice;
            }
            Ok(sum)
        })
        .await
}

#[tractor::rpc]
async fn nap_there() -> Result<()> {
    parent_portal()
        .expect("this is a child")
        .run(here::nap)
        .await
}

#[tractor::rpc]
async fn add_there() -> Result<u64> {
    parent_portal()
        .expect("this is a child")
        .run(add(1, 2))
        .await
}

#[tractor::rpc]
async fn cancel_the_parent() -> Result<()> {
    parent_portal()
        .expect("this is a child")
        .cancel_actor()
        .await
}

#[tractor::test(name = fresh_name())]
async fn contexts_cross_in_both_directions() -> Result<()> {
    assert!(parent_portal().is_none());
    let me = tractor::current_actor().aid().to_string();
    tractor::nursery()
        .scope(async |an| {
            let child = an
                .actor("child")
                .modules(modules![self])
                .serve(modules![here]);
            let child = within("it starts", child.start()).await?;
            assert_eq!(within("an answer", child.run(ask_who)).await?, me);
            let sum = child
                .open_context(through_the_parent)
                .scope(async |ctx, who| {
                    assert_eq!(who, me);
                    let mut stream = ctx.open_stream();
                    for n in 0..100 {
                        stream.send(n).await?;
                        assert_eq!(stream.try_next().await?, Some(2 * n));
                    }
                    stream.close().await?;
                    ctx.result().await
                });
            assert_eq!(within("both contexts", sum).await?, 9900);
            child.cancel_actor().await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn parent_refuses_what_it_does_not_serve() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let child = an
                .actor("child")
                .modules(modules![self])
                .serve(modules![here]);
            let child = child.start().await?;
            let refused = failure(within("an answer", child.run(add_there)).await);
            let text = format!("{refused:#}");
            assert!(
                text.contains("does not expose `tests::workers::add`"),
                "{text}"
            );
            let refused = failure(within("an answer", child.run(cancel_the_parent)).await);
            let text = refused.to_string();
            assert!(text.contains("an actor cannot end its parent"), "{text}");

            let orphan = an.start_actor("unserved", modules![self]).await?;
            let refused = failure(within("an answer", orphan.run(ask_who)).await);
            let Error::Remote(remote) = refused else {
                panic!("{refused}");
            };
            let cause = remote.downcast::<Error>().expect("tractor's own");
            assert!(matches!(cause, Error::ModuleNotExposed(_)), "{cause}");
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn what_a_dead_child_has_called_is_dropped() -> Result<()> {
    let result = tractor::nursery()
        .scope(async |an| {
            let child = an
                .actor("child")
                .modules(modules![self])
                .serve(modules![here]);
            let child = child.start().await?;
            let mut napping = Box::pin(child.run(nap_there));
            let begun = until("it naps here", async || NAPPING.load(Ordering::SeqCst) == 1);
            tokio::select! {
                _ = &mut napping => panic!("a nap never ends"),
                () = begun => {}
            }
            signal(child.aid(), nix::sys::signal::Signal::SIGKILL);
            within("the call fails", napping).await
        })
        .await;
    assert!(matches!(failure(result), Error::ActorDied(_)));
    // Not a moment after the scope.
    assert_eq!(NAPPING.load(Ordering::SeqCst), 0);
    assert_nobody_left().await;
    Ok(())
}

//! Contexts that are opened at one's parent.

use futures_util::future::join;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tractor::{Error, Result, modules, parent_portal};

use crate::leaf::double;
use crate::nursery::nursery;

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
            .modules(modules![self, crate::leaf])
            .serve(modules![crate::leaf]);
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

//! Senders that are ahead of their reader, and do not wait for it.

use tests::actor::{assert_nobody_left, done, failure, fresh_name, until, within};
use tests::stage::{gate, open_gate, seen};
use tractor::{Context, Error, Overrun, Portal, Result};

/// What a worker of these tests is.
async fn with_worker(body: impl AsyncFnOnce(&Portal) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| body(&workers["worker_0"].dynamic()).await)
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Reads only when the gate is open; gives what it has read.
#[tractor::context]
async fn read_late(ctx: Context<(), (), (u64, Vec<u8>)>) -> Result<Vec<u64>> {
    let mut stream = ctx.started(()).await?.open_stream();
    gate().await;
    let mut read = Vec::new();
    while let Some((n, _)) = stream.try_next().await? {
        read.push(n);
    }
    Ok(read)
}

const WINDOW: usize = 128 << 10;

#[tractor::test(name = fresh_name())]
async fn overrun_can_be_an_error() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(read_late).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream().overrun(Overrun::Error);
            let mut sent = 0;
            let overrun = loop {
                match stream.send((sent, vec![0; 1000])).await {
                    Ok(()) => sent += 1,
                    Err(Error::Overrun(overrun)) => break overrun,
                    Err(error) => return Err(error),
                }
                // What is no overrun yet finds its way.
                tokio::task::yield_now().await;
            };
            assert!(overrun.function().ends_with("read_late"), "{overrun}");
            assert_eq!(overrun.reader(), ctx.callee());
            let bytes = usize::try_from(sent).expect("it is small") * 1000;
            assert!((WINDOW - 5000..WINDOW + 5000).contains(&bytes), "{bytes}");
            portal.run(open_gate).await?;
            // It goes on when the other end has read.
            until("there is room again", async || {
                stream.send((sent, Vec::new())).await.is_ok()
            })
            .await;
            stream.close().await?;
            let read = ctx.result().await?;
            assert!(
                read.into_iter().eq(0..=sent),
                "nothing is lost of what was taken"
            );
            done()
        });
        within("the scope", scope).await
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn large_item_within_the_window_is_no_overrun() -> Result<()> {
    with_worker(async |portal| {
        let scope = portal.open_context(read_late).scope(async |ctx, ()| {
            let mut stream = ctx.open_stream().overrun(Overrun::Error);
            for (n, size) in [(0, 40 << 10), (1, 1), (2, 40 << 10), (3, 1)] {
                stream.send((n, vec![0; size])).await?;
            }
            let overrun = stream.send((4, vec![0; WINDOW])).await;
            overrun.expect("the last one may go beyond");
            let overrun = failure(stream.send((5, Vec::new())).await);
            assert!(matches!(overrun, Error::Overrun(_)), "{overrun}");
            portal.run(open_gate).await?;
            drop(stream);
            assert_eq!(ctx.result().await?, [0, 1, 2, 3, 4]);
            done()
        });
        within("the scope", scope).await
    })
    .await
}

/// Sends `count` items of `size` bytes to a reader that is late, and looks what has arrived.
async fn drop_oldest(portal: &Portal, count: u64, size: usize, pause: bool) -> Result<()> {
    let scope = portal.open_context(read_late).scope(async |ctx, ()| {
        let mut stream = ctx.open_stream().overrun(Overrun::DropOldest);
        for n in 0..count {
            stream.send((n, vec![0; size])).await?;
            if pause {
                // The answer comes behind what could be sent of it.
                portal.run(seen).await?;
            }
        }
        let dropped = stream.dropped();
        assert!(dropped > 0, "the window is much smaller");
        portal.run(open_gate).await?;
        stream.close().await?;
        let read = ctx.result().await?;
        assert!(read.is_sorted_by(|a, b| a < b), "out of order: {read:?}");
        assert_eq!(read.last(), Some(&(count - 1)), "the newest arrives");
        assert_eq!(
            read.len() as u64 + dropped,
            count,
            "each has arrived or was dropped"
        );
        done()
    });
    within("the scope", scope).await
}

#[tractor::test(name = fresh_name())]
async fn overrun_can_drop_the_oldest() -> Result<()> {
    with_worker(async |portal| {
        for pause in [false, true] {
            drop_oldest(portal, 2000, 1000, pause).await?;
            drop_oldest(portal, 20, 100 << 10, pause).await?;
            drop_oldest(portal, 12, 1 << 20, pause).await?;
        }
        done()
    })
    .await
}

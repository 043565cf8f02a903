//! Where the scope of a context can run, and with which errors.
use std::fmt;

use tractor::{Context, ContextFn, Error, Portal, gather_contexts, modules};

type Result<T, E = Error> = std::result::Result<T, E>;

#[tractor::context]
async fn worker(ctx: Context<u32, u64, u64>) -> Result<u64> {
    let mut stream = ctx.started(7).await?.open_stream();
    let mut sum = 0;
    while let Some(n) = stream.try_next().await? {
        sum += n;
        stream.send(sum).await?;
    }
    Ok(sum)
}

#[derive(Debug)]
struct Own(String);

impl From<Error> for Own {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Own {}

/// Opens any context that converses in numbers.
async fn add<F>(portal: &Portal, call: tractor::ContextCall<F>, n: u64) -> Result<F::Output, Own>
where
    F: ContextFn<First = u32, Tx = u64, Rx = u64>,
{
    let scope = portal.open_context(call).scope(async |ctx, first| {
        assert_eq!(first, 7);
        let mut stream = ctx.open_stream();
        stream.send(n).await?;
        assert_eq!(stream.try_next().await?, Some(n));
        stream.close().await?;
        Ok(ctx.result().await?)
    });
    scope.await
}

async fn counted(portal: &Portal) -> anyhow::Result<u64> {
    let scope = portal.open_context(worker).scope(async |ctx, _| {
        ctx.open_stream().close().await?;
        anyhow::ensure!(ctx.result().await? == 0, "not yet");
        Ok(1)
    });
    scope.await
}

#[tractor::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let cluster = tractor::cluster! { modules: [self], count: 2 };
    cluster
        .scope(async |workers| {
            let contexts = workers.portals().map(|portal| portal.open_context(worker));
            let opened = gather_contexts(contexts)
                .scope(async |all| {
                    all.iter().for_each(|(ctx, _)| drop(ctx.open_stream()));
                    Ok::<_, Error>(all.len())
                })
                .await?;
            assert_eq!(opened, 2);
            Ok::<_, Error>(())
        })
        .await?;
    tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("a", modules![self]).await?;
            let elsewhere = portal.dynamic();
            let task = tokio::task::spawn(async move {
                let sum = add(&elsewhere, worker(), 5)
                    .await
                    .map_err(anyhow::Error::new)?;
                anyhow::Ok(sum + counted(&elsewhere).await?)
            });
            assert_eq!(
                task.await
                    .expect("the task did not panic")
                    .expect("it worked"),
                6
            );
            portal.cancel_actor().await
        })
        .await
}

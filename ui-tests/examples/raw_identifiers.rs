#![deny(warnings)]
use tractor::Rpc;

mod r#async {
    use futures_util::{Stream, stream};
    use tractor::{Context, Result};

    #[tractor::rpc]
    pub async fn r#type(r#match: u64) -> u64 {
        r#match
    }

    #[tractor::context]
    pub async fn r#loop(r#in: Context<u64, u64, u64>, r#for: u64) -> Result<()> {
        let mut r#mut = r#in.started(r#for).await?.open_stream();
        while r#mut.try_next().await?.is_some() {}
        Ok(())
    }

    #[tractor::rpc]
    pub fn r#yield(r#while: u64) -> impl Stream<Item = u64> {
        stream::iter(0..r#while)
    }
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    assert_eq!(r#async::r#type(7).await, 7);
    assert!(<r#async::r#type as Rpc>::PATH.ends_with("::r#async::r#type"));
    Ok(())
}

#[allow(dead_code)]
async fn run() -> tractor::Result<()> {
    tractor::cluster! { modules: [r#async], count: 1 }
        .scope(async |workers| {
            for (_, portal) in &workers {
                portal.run(r#async::r#type(7)).await?;
                drop(portal.open_stream_from(r#async::r#yield(5)));
                let context = portal.open_context(r#async::r#loop(5));
                let first = context
                    .scope(async |_ctx, first| Ok::<_, tractor::Error>(first))
                    .await?;
                assert_eq!(first, 5);
            }
            Ok(())
        })
        .await
}

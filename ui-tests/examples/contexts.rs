//! What a context function can look like, and what can be made of one.
use std::num::ParseIntError;

use futures_util::SinkExt;
use tractor::{Context, ContextFn, OpenContext, Portal, Result, modules};

type Dialog = Context<String, u64, u64>;

mod inner {
    use tractor::{Context, Result};

    #[tractor::context]
    pub(crate) async fn silent(ctx: Context<(), (), ()>) -> Result<()> {
        drop(ctx.started(()).await?);
        Ok(())
    }
}

#[tractor::context]
async fn parses(ctx: Dialog, mut text: String) -> Result<u32, ParseIntError> {
    text.push('1');
    drop(ctx);
    text.parse()
}

#[tractor::context]
async fn anything(ctx: Dialog) -> anyhow::Result<()> {
    let mut stream = ctx.started("go".into()).await?.open_stream();
    while let Some(item) = stream.next().await {
        SinkExt::send(&mut stream, item?).await?;
    }
    Ok(())
}

macro_rules! dialog {
    ($(#[$attr:meta])* fn $name:ident($ctx:ident: $ty:ty) $body:block) => {
        $(#[$attr])*
        #[tractor::context]
        async fn $name($ctx: $ty) -> Result<()> $body
    };
}

dialog! {
    /// By a macro.
    fn by_macro(ctx: Context<u8, u8, u8>) { drop(ctx.started(1).await?); Ok(()) }
}

fn named<F: ContextFn>(_: &OpenContext<F>) -> &'static str {
    F::PATH
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

async fn open(portal: Portal) -> Result<()> {
    let scope = portal
        .open_context(anything)
        .scope(async |ctx, first: String| {
            assert_eq!(first, "go");
            let (mut send, mut receive) = ctx.open_stream().split();
            let sent = async {
                for n in 0..10 {
                    send.send(n).await?;
                }
                send.close().await
            };
            let received = async {
                let mut sum = 0;
                while let Some(n) = receive.try_next().await? {
                    sum += n;
                }
                Result::<_, tractor::Error>::Ok(sum)
            };
            let (sent, sum) = tokio::join!(sent, received);
            sent?;
            assert_eq!(sum?, 45);
            ctx.result().await
        });
    assert_send(scope).await?;
    portal
        .open_context(by_macro)
        .scope(async |_ctx, first| {
            assert_eq!(first, 1);
            Result::<_, tractor::Error>::Ok(())
        })
        .await?;
    let several = [
        portal.open_context(inner::silent),
        portal.open_context(inner::silent),
    ];
    assert!(named(&several[0]).ends_with("inner::silent"));
    tractor::gather_contexts(several)
        .scope(async |both| {
            assert_eq!(both.len(), 2);
            Ok(())
        })
        .await
}

#[tractor::main]
async fn main() -> Result<()> {
    let _ = parses("1".into());
    tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("a", modules![self, inner]).await?;
            open(portal.dynamic()).await?;
            portal.cancel_actor().await
        })
        .await
}

//! One portal carries any number of streams at once: two of numbers, one of text and a dialog.
//!
//! ```console
//! $ cargo run --release --example multiple_streams_one_portal
//! evens: [0, 2, 4, 6, 8]
//! squares: [0, 1, 4, 9, 16, 25]
//! words: ["the", "quick", "brown", "fox"]
//! dialog: ["HELLO", "WORLD"]
//! ```

#![forbid(unsafe_code)]

use futures_util::{Stream, TryStreamExt, stream};
use tractor::{Context, Result, modules};

#[tractor::rpc]
fn evens(count: u64) -> impl Stream<Item = u64> {
    stream::iter((0..count).map(|n| 2 * n))
}

#[tractor::rpc]
fn squares(count: u64) -> impl Stream<Item = u64> {
    stream::iter((0..count).map(|n| n * n))
}

#[tractor::rpc]
fn words(text: String) -> impl Stream<Item = String> {
    let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
    stream::iter(words)
}

#[tractor::context]
async fn shout(ctx: Context<(), String, String>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    while let Some(word) = stream.try_next().await? {
        stream.send(word.to_uppercase()).await?;
    }
    Ok(())
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let portal = an.start_actor("source", modules![self]).await?;
            let dialog = portal.open_context(shout).scope(async |ctx, ()| {
                let mut stream = ctx.open_stream();
                let mut heard = Vec::new();
                for word in ["hello", "world"] {
                    stream.send(word.to_owned()).await?;
                    heard.extend(stream.try_next().await?);
                }
                Result::<_>::Ok(heard)
            });
            // All four at the same time, over one link.
            let (evens, squares, words, dialog) = tokio::try_join!(
                portal.open_stream_from(evens(5)).try_collect::<Vec<_>>(),
                portal.open_stream_from(squares(6)).try_collect::<Vec<_>>(),
                portal
                    .open_stream_from(words("the quick brown fox".to_owned()))
                    .try_collect::<Vec<_>>(),
                dialog,
            )?;
            println!("evens: {evens:?}\nsquares: {squares:?}");
            println!("words: {words:?}\ndialog: {dialog:?}");
            portal.cancel_actor().await
        })
        .await
}

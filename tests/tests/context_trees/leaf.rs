//! The leaf of a tree: a doubler, whose end is witnessed.

use tests::stage::see;
use tractor::{Context, Result, current_actor, current_call};

/// Sees how the function has ended that it is in.
pub(crate) struct Witness;

impl Drop for Witness {
    fn drop(&mut self) {
        let call = current_call().expect("a function answers a call");
        let how = call
            .cancellation()
            .map(|cancelled| cancelled.canceller().name().to_owned());
        see(how.unwrap_or_else(|| "ended".into()));
    }
}

/// Doubles what it receives; fails at 13, and dies never.
#[tractor::context]
pub(crate) async fn double(ctx: Context<String, u64, u64>) -> Result<u64, String> {
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

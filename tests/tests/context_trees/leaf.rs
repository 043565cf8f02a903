//! The leaf of a tree: a doubler, whose end is witnessed.

use std::sync::Mutex;
use std::time::Duration;

use tractor::{Config, Context, Dynamic, Nursery, Portal, Result, current_actor, current_call};

const HOUR: Duration = Duration::from_secs(3600);

/// How the functions of this actor have ended.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[tractor::rpc]
pub(crate) async fn seen() -> Vec<String> {
    SEEN.lock().expect("nobody panics").clone()
}

/// The leaf that this actor relays to.
pub(crate) static BELOW: Mutex<Option<Portal<Dynamic>>> = Mutex::new(None);

pub(crate) struct Witness;

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

pub(crate) async fn nursery<T>(body: impl AsyncFnOnce(Nursery) -> Result<T>) -> Result<T> {
    let config = Config::new().cancel_timeout(HOUR).kill_timeout(HOUR);
    tractor::nursery().config(config).scope(body).await
}

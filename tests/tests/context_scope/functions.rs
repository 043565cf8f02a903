//! Functions that several of these tests call, which are counted while they live.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

use tractor::{Context, Result};

/// The functions that have begun and are not gone.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

#[tractor::rpc]
pub(crate) async fn alive() -> usize {
    ALIVE.load(Ordering::SeqCst)
}

struct Alive;

impl Alive {
    fn begin() -> Self {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Sends what it receives, twice.
#[tractor::context]
pub(crate) async fn twice(ctx: Context<(), u64, u64>) -> Result<u64> {
    let _alive = Alive::begin();
    let mut stream = ctx.started(()).await?.open_stream();
    let mut count = 0;
    while let Some(item) = stream.try_next().await? {
        stream.send(2 * item).await?;
        count += 1;
    }
    Ok(count)
}

/// Goes on until it is cancelled.
#[tractor::context]
pub(crate) async fn endless(ctx: Context<u32, u32, u32>) -> Result<()> {
    let _alive = Alive::begin();
    let _ctx = ctx.started(std::process::id()).await?;
    pending::<()>().await;
    Ok(())
}

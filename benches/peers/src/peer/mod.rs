//! Those who can call another process, each with its server.
//!
//! A peer is asked the same by all workloads, and answers with what [`answer`](crate::answer) says
//! on the other side.

pub(crate) mod ipc;
pub(crate) mod remoc;
pub(crate) mod server;
pub(crate) mod tarpc;
pub(crate) mod tonic;
pub(crate) mod tractor;

use anyhow::{Result, bail};
use bytes::Bytes;

use crate::payload::Row;

/// One process, to whom has to call it. What a peer cannot do fails.
pub(crate) trait Peer: Sized {
    /// Starts processes, hands them to `body`, and ends and reaps them.
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R>;

    /// The process.
    async fn pid(&self) -> Result<u32>;

    /// Calls [`answer::echo`](crate::answer::echo).
    async fn echo(&self, _n: u64) -> Result<u64> {
        bail!("no small calls")
    }

    /// Calls [`answer::bytes`](crate::answer::bytes).
    async fn bytes(&self, _bytes: Bytes, _stride: u64) -> Result<u64> {
        bail!("no calls with bytes")
    }

    /// Calls [`answer::rows`](crate::answer::rows).
    async fn rows(&self, _rows: Vec<Row>) -> Result<u64> {
        bail!("no calls with structs")
    }

    /// Hands the numbers of [`answer::numbers`](crate::answer::numbers) to `each`.
    async fn numbers(&self, _count: u64, _each: impl FnMut(u64) -> Result<()>) -> Result<()> {
        bail!("no streams of numbers")
    }

    /// Hands the items of [`answer::items`](crate::answer::items) to `each`.
    async fn items(&self, _count: u64, _each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        bail!("no streams of items")
    }
}

/// Runs a task beside the others until the process ends.
fn detach(task: impl Future<Output: Send> + Send + 'static) {
    #[expect(clippy::disallowed_methods, reason = "peers have no nurseries")]
    tokio::spawn(async move { drop(task.await) });
}

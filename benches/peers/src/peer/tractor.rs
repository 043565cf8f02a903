//! tractor itself, over whichever transport the environment chooses.

use std::pin::pin;

use ::bytes::Bytes;
use anyhow::Result;
use futures_util::{Stream, StreamExt, stream};
use tractor::{Dynamic, Portal};

use super::Peer;
use crate::answer;
use crate::cores::{self, Side};
use crate::payload::Row;

#[tractor::rpc]
async fn pid() -> u32 {
    std::process::id()
}

#[tractor::rpc]
async fn pin() -> Result<()> {
    cores::pin(Side::Server)
}

#[tractor::rpc]
async fn echo(n: u64) -> u64 {
    answer::echo(n)
}

#[tractor::rpc]
async fn bytes(bytes: Bytes, stride: u64) -> u64 {
    answer::bytes(&bytes, stride)
}

#[tractor::rpc]
async fn rows(rows: Vec<Row>) -> u64 {
    answer::rows(&rows)
}

#[tractor::rpc]
fn numbers(count: u64) -> impl Stream<Item = u64> {
    stream::iter(answer::numbers(count))
}

#[tractor::rpc]
fn items(count: u64) -> impl Stream<Item = Bytes> {
    stream::iter(answer::items(count))
}

/// A worker of a cluster.
pub(crate) struct Tractor(Portal<Dynamic>);

impl Peer for Tractor {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        tractor::cluster! { modules: [self], count: count }
            .scope(async |workers| {
                if cores::are_chosen() {
                    for (_, pinned) in workers.run_all(pin).await {
                        pinned?;
                    }
                }
                let portals = workers.portals().map(|portal| Self(portal.dynamic()));
                body(&portals.collect::<Vec<_>>()).await
            })
            .await
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.0.run(pid).await?)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        Ok(self.0.run(echo(n)).await?)
    }

    async fn bytes(&self, argument: Bytes, stride: u64) -> Result<u64> {
        Ok(self.0.run(bytes(argument, stride)).await?)
    }

    async fn rows(&self, argument: Vec<Row>) -> Result<u64> {
        Ok(self.0.run(rows(argument)).await?)
    }

    async fn numbers(&self, count: u64, mut each: impl FnMut(u64) -> Result<()>) -> Result<()> {
        let mut stream = pin!(self.0.open_stream_from(numbers(count)));
        while let Some(number) = stream.next().await {
            each(number?)?;
        }
        Ok(())
    }

    async fn items(&self, count: u64, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut stream = pin!(self.0.open_stream_from(items(count)));
        while let Some(item) = stream.next().await {
            each(&item?)?;
        }
        Ok(())
    }
}

//! remoc over a Unix socket, with a remote trait for calls and channels for streams.
//!
//! Its documentation calls the default settings of a connection a good balance of throughput and
//! latency, and they stay; the queues of requests and items are longer than by default. All of it is
//! encoded by postcard, as in tractor, instead of remoc's own self-describing format.

#![expect(
    clippy::disallowed_methods,
    reason = "the code that `remote` generates starts tasks"
)]

use std::os::unix::net::UnixStream;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use remoc::prelude::*;
use remoc::rch::mpsc;
use remoc::rtc::CallError;

use super::server::{nonblocking, scope};
use super::{Peer, detach};
use crate::answer;
use crate::payload::Row;

/// How many requests, or items of a stream, wait for their turn.
const QUEUE: usize = 1024;

/// The largest request.
const LARGEST: usize = 1 << 30;

type Encoding = remoc::codec::Postcard;

type Items<T> = mpsc::Receiver<T, Encoding, QUEUE>;

#[rtc::remote]
trait Bench {
    async fn echo(&self, n: u64) -> Result<u64, CallError>;
    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64, CallError>;
    async fn rows(&self, rows: Vec<Row>) -> Result<u64, CallError>;
    async fn numbers(&self, count: u64) -> Result<Items<u64>, CallError>;
    async fn items(&self, count: u64) -> Result<Items<Bytes>, CallError>;
}

struct Answers;

impl Bench for Answers {
    async fn echo(&self, n: u64) -> Result<u64, CallError> {
        Ok(answer::echo(n))
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64, CallError> {
        Ok(answer::bytes(&bytes, stride))
    }

    async fn rows(&self, rows: Vec<Row>) -> Result<u64, CallError> {
        Ok(answer::rows(&rows))
    }

    async fn numbers(&self, count: u64) -> Result<Items<u64>, CallError> {
        Ok(pour(answer::numbers(count)))
    }

    async fn items(&self, count: u64) -> Result<Items<Bytes>, CallError> {
        Ok(pour(answer::items(count)))
    }
}

/// A channel out of which the items come.
fn pour<T: RemoteSend + Clone>(items: impl Iterator<Item = T> + Send + 'static) -> Items<T> {
    let (sender, receiver) = mpsc::with_local_buffer(QUEUE);
    detach(async move {
        for item in items {
            if sender.send(item).await.is_err() {
                break;
            }
        }
    });
    receiver.set_buffer()
}

/// A client.
pub(crate) struct Remoc {
    client: BenchClient<Encoding>,
    pid: u32,
}

impl Remoc {
    /// What `serve` is told.
    pub(crate) const NAME: &str = "remoc";

    async fn connect(socket: UnixStream, pid: u32) -> Result<Self> {
        let (input, output) = nonblocking(socket)?.into_split();
        let connect = remoc::Connect::io(remoc::Cfg::default(), input, output);
        let client = connect.consume().await?;
        Ok(Self { client, pid })
    }
}

impl Peer for Remoc {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        scope(Self::NAME, count, Self::connect, body).await
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.pid)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        Ok(self.client.echo(n).await?)
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64> {
        Ok(self.client.bytes(bytes, stride).await?)
    }

    async fn rows(&self, rows: Vec<Row>) -> Result<u64> {
        Ok(self.client.rows(rows).await?)
    }

    async fn numbers(&self, count: u64, mut each: impl FnMut(u64) -> Result<()>) -> Result<()> {
        let mut numbers = self.client.numbers(count).await?;
        while let Some(number) = numbers.recv().await? {
            each(number)?;
        }
        Ok(())
    }

    async fn items(&self, count: u64, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut items = self.client.items(count).await?;
        while let Some(item) = items.recv().await? {
            each(&item)?;
        }
        Ok(())
    }
}

/// Answers until the caller hangs up.
pub(crate) async fn serve(socket: UnixStream) -> Result<()> {
    let (input, output) = nonblocking(socket)?.into_split();
    let (server, mut client) =
        BenchServerShared::<_, Encoding>::with_request_buffer(Arc::new(Answers), QUEUE);
    client.set_max_request_size(LARGEST);
    let connect = remoc::Connect::io(remoc::Cfg::default(), input, output);
    connect.provide(client).await?;
    // Whatever the matter is: the caller is gone, or complains itself.
    let _ = server.serve().await;
    Ok(())
}

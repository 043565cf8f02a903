//! tarpc over a Unix socket, with bincode as in its own `unix` transport.
//!
//! The queues are longer than by default, because its documentation says that short ones lower
//! throughput; calls in flight and the length of a frame are not limited.

use std::os::unix::net::UnixStream;

use anyhow::Result;
use bytes::Bytes;
use futures_util::StreamExt;
use tarpc::serde_transport::Transport;
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Bincode;
use tarpc::tokio_util::codec::LengthDelimitedCodec;
use tarpc::{client, context, server};

use super::server::{nonblocking, scope};
use super::{Peer, detach};
use crate::answer;
use crate::payload::Row;

/// How many requests or responses wait for their turn.
const QUEUE: usize = 4096;

#[tarpc::service]
trait Bench {
    async fn echo(n: u64) -> u64;
    async fn bytes(bytes: Bytes, stride: u64) -> u64;
    async fn rows(rows: Vec<Row>) -> u64;
}

#[derive(Clone)]
struct Answers;

impl Bench for Answers {
    async fn echo(self, _: context::Context, n: u64) -> u64 {
        answer::echo(n)
    }

    async fn bytes(self, _: context::Context, bytes: Bytes, stride: u64) -> u64 {
        answer::bytes(&bytes, stride)
    }

    async fn rows(self, _: context::Context, rows: Vec<Row>) -> u64 {
        answer::rows(&rows)
    }
}

/// A client.
pub(crate) struct Tarpc {
    client: BenchClient,
    pid: u32,
}

impl Tarpc {
    /// What `serve` is told.
    pub(crate) const NAME: &str = "tarpc";

    async fn connect(socket: UnixStream, pid: u32) -> Result<Self> {
        let mut config = client::Config::default();
        config.max_in_flight_requests = usize::MAX;
        config.pending_request_buffer = QUEUE;
        let client = BenchClient::new(config, transport(socket)?).spawn();
        Ok(Self { client, pid })
    }
}

impl Peer for Tarpc {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        scope(Self::NAME, count, Self::connect, body).await
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.pid)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        Ok(self.client.echo(context::current(), n).await?)
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64> {
        Ok(self.client.bytes(context::current(), bytes, stride).await?)
    }

    async fn rows(&self, rows: Vec<Row>) -> Result<u64> {
        Ok(self.client.rows(context::current(), rows).await?)
    }
}

/// Answers until the caller hangs up.
pub(crate) async fn serve(socket: UnixStream) -> Result<()> {
    let config = server::Config {
        pending_response_buffer: QUEUE,
    };
    let requests = BaseChannel::new(config, transport(socket)?).execute(Answers.serve());
    requests.for_each(async |answering| detach(answering)).await;
    Ok(())
}

type Framed<In, Out> = Transport<tokio::net::UnixStream, In, Out, Bincode<In, Out>>;

fn transport<In, Out>(socket: UnixStream) -> Result<Framed<In, Out>>
where
    In: for<'de> serde::Deserialize<'de>,
    Out: serde::Serialize,
{
    let frames = LengthDelimitedCodec::builder()
        .max_frame_length(u32::MAX as usize)
        .new_framed(nonblocking(socket)?);
    Ok(tarpc::serde_transport::new(frames, Bincode::default()))
}

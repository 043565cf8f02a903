//! tonic over a Unix socket: gRPC with protobuf, without TLS and compression.
//!
//! The windows of HTTP/2 and its frames are larger than by default, because the defaults are made
//! for the internet and hold large messages up; messages and concurrent streams are not limited.

use std::io;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Mutex;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use hyper_util::rt::TokioIo;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tower::service_fn;

use self::generated::bench_client::BenchClient;
use self::generated::bench_server::{self, BenchServer};
use super::Peer;
use super::server::{hang_up, nonblocking, scope};
use crate::answer;
use crate::payload::Row;

/// What a stream may have under way.
const STREAM_WINDOW: u32 = 1 << 20;

/// What a connection may have under way.
const CONNECTION_WINDOW: u32 = 16 << 20;

/// The largest frame.
const FRAME: u32 = 1 << 20;

/// What `tonic-build` generates.
#[expect(
    unreachable_pub,
    unused_qualifications,
    clippy::doc_markdown,
    reason = "it is generated"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/peers.Bench.rs"));
}

/// A number, there or back.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Number {
    #[prost(uint64, tag = "1")]
    n: u64,
}

/// Bytes, and every which of them to look at.
#[derive(Clone, PartialEq, prost::Message)]
struct Payload {
    #[prost(bytes = "bytes", tag = "1")]
    bytes: Bytes,
    #[prost(uint64, tag = "2")]
    stride: u64,
}

/// A list of structs.
#[derive(Clone, PartialEq, prost::Message)]
struct Table {
    #[prost(message, repeated, tag = "1")]
    rows: Vec<Row>,
}

struct Answers;

type Answer<T> = Result<Response<T>, Status>;

type Answered<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl bench_server::Bench for Answers {
    type NumbersStream = Answered<Number>;
    type ItemsStream = Answered<Payload>;

    async fn echo(&self, request: Request<Number>) -> Answer<Number> {
        let n = answer::echo(request.into_inner().n);
        Ok(Response::new(Number { n }))
    }

    async fn bytes(&self, request: Request<Payload>) -> Answer<Number> {
        let Payload { bytes, stride } = request.into_inner();
        let n = answer::bytes(&bytes, stride);
        Ok(Response::new(Number { n }))
    }

    async fn rows(&self, request: Request<Table>) -> Answer<Number> {
        let n = answer::rows(&request.into_inner().rows);
        Ok(Response::new(Number { n }))
    }

    async fn numbers(&self, request: Request<Number>) -> Answer<Answered<Number>> {
        let numbers = answer::numbers(request.into_inner().n);
        let numbers = stream::iter(numbers.map(|n| Ok(Number { n })));
        Ok(Response::new(numbers.boxed()))
    }

    async fn items(&self, request: Request<Number>) -> Answer<Answered<Payload>> {
        let items = answer::items(request.into_inner().n);
        let items = stream::iter(items.map(|bytes| Ok(Payload { bytes, stride: 0 })));
        Ok(Response::new(items.boxed()))
    }
}

/// A client.
pub(crate) struct Tonic {
    client: BenchClient<Channel>,
    pid: u32,
}

impl Tonic {
    /// What `serve` is told.
    pub(crate) const NAME: &str = "tonic";

    async fn connect(socket: UnixStream, pid: u32) -> Result<Self> {
        let socket = Mutex::new(Some(nonblocking(socket)?));
        let connector = service_fn(move |_| {
            let socket = socket.lock().ok().and_then(|mut socket| socket.take());
            let lost = || io::Error::other("there is only one socket");
            std::future::ready(socket.map(TokioIo::new).ok_or_else(lost))
        });
        let channel = Endpoint::from_static("http://[::]")
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .connect_with_connector(connector)
            .await?;
        let client = BenchClient::new(channel)
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX);
        Ok(Self { client, pid })
    }
}

impl Peer for Tonic {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        scope(Self::NAME, count, Self::connect, body).await
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.pid)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        let answer = self.client.clone().echo(Number { n }).await?;
        Ok(answer.into_inner().n)
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64> {
        let argument = Payload { bytes, stride };
        let answer = self.client.clone().bytes(argument).await?;
        Ok(answer.into_inner().n)
    }

    async fn rows(&self, rows: Vec<Row>) -> Result<u64> {
        let answer = self.client.clone().rows(Table { rows }).await?;
        Ok(answer.into_inner().n)
    }

    async fn numbers(&self, count: u64, mut each: impl FnMut(u64) -> Result<()>) -> Result<()> {
        let answer = self.client.clone().numbers(Number { n: count }).await?;
        let mut numbers = answer.into_inner();
        while let Some(number) = numbers.message().await? {
            each(number.n)?;
        }
        Ok(())
    }

    async fn items(&self, count: u64, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let answer = self.client.clone().items(Number { n: count }).await?;
        let mut items = answer.into_inner();
        while let Some(item) = items.message().await? {
            each(&item.bytes)?;
        }
        Ok(())
    }
}

/// Answers until the caller hangs up.
pub(crate) async fn serve(socket: UnixStream) -> Result<()> {
    // A server waits for further connections, whatever becomes of those it has.
    let closed = hang_up(&socket)?;
    let incoming = stream::iter([io::Result::Ok(nonblocking(socket)?)]);
    let service = BenchServer::new(Answers)
        .max_decoding_message_size(usize::MAX)
        .max_encoding_message_size(usize::MAX);
    let serving = tonic::transport::Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME)
        .max_concurrent_streams(u32::MAX)
        .serve_with_incoming(service, incoming.chain(stream::pending()));
    tokio::select! {
        served = serving => served.context("serving"),
        () = closed => Ok(()),
    }
}

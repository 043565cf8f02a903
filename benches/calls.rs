//! Calls into another process, beside a bare ping-pong over a Unix socket in the same run.

use std::pin::pin;
use std::time::{Duration, Instant};

use benches::{MIB, ROUNDS, SEQUENTIAL, Table, bare_socket, echo, sequential};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tractor::{Dynamic, Portal};

const PIPELINED: u32 = 50_000;
const LARGE: u32 = 50;

#[tractor::rpc]
async fn length(bytes: Bytes) -> usize {
    bytes.len()
}

/// Answers every message of `size` bytes with its first 16, until the peer hangs up.
#[tractor::rpc]
async fn pong(path: String, size: usize) -> Result<(), std::io::Error> {
    let mut stream = UnixStream::connect(path).await?;
    let mut message = vec![0; size];
    while stream.read_exact(&mut message).await.is_ok() {
        stream.write_all(&message[..16]).await?;
    }
    Ok(())
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::cluster! { modules: [self, benches], count: 3 }
        .scope(async |workers| {
            let mut table = Table::new(&[
                ("bare ping-pong, 16 B", SEQUENTIAL, None),
                ("call, one at a time", SEQUENTIAL, Some(0)),
                ("call, 64 in flight", PIPELINED, Some(0)),
                ("bare transfer, 1 MiB", LARGE, None),
                ("call with 1 MiB of `Bytes`", LARGE, Some(3)),
            ]);
            let portal = workers["worker_0"].dynamic();
            let small = Ping::start(workers["worker_1"].dynamic(), 16);
            let large = Ping::start(workers["worker_2"].dynamic(), MIB);
            let (mut small, mut large) = tokio::join!(small, large);
            let megabyte = Bytes::from(vec![7; MIB]);
            for _ in 0..ROUNDS {
                table.push(0, small.time(SEQUENTIAL).await);
                table.push(1, sequential(&portal).await?);
                table.push(2, pipelined(&portal).await?);
                table.push(3, large.time(LARGE).await);
                table.push(4, transfers(&portal, &megabyte).await?);
            }
            table.print();
            Ok(())
        })
        .await
}

async fn pipelined(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    let begin = Instant::now();
    let calls = stream::iter(0..PIPELINED).map(|n| portal.run(echo(n.into())));
    let answers = calls
        .buffer_unordered(64)
        .try_fold(0, async |count, _| Ok(count + 1));
    assert_eq!(pin!(answers).await?, PIPELINED);
    Ok(begin.elapsed())
}

async fn transfers(portal: &Portal<Dynamic>, bytes: &Bytes) -> tractor::Result<Duration> {
    let begin = Instant::now();
    for _ in 0..LARGE {
        assert_eq!(portal.run(length(bytes.clone())).await?, bytes.len());
    }
    Ok(begin.elapsed())
}

/// A bare socket to a worker, which answers on it.
struct Ping {
    stream: UnixStream,
    message: Vec<u8>,
}

impl Ping {
    async fn start(worker: Portal<Dynamic>, size: usize) -> Self {
        let answer = |path| async move { worker.run(pong(path, size)).await };
        Self {
            stream: bare_socket(answer).await,
            message: vec![0; size],
        }
    }

    async fn time(&mut self, count: u32) -> Duration {
        let begin = Instant::now();
        let mut answer = [0; 16];
        for _ in 0..count {
            self.stream
                .write_all(&self.message)
                .await
                .expect("the worker reads");
            self.stream
                .read_exact(&mut answer)
                .await
                .expect("the worker answers");
        }
        begin.elapsed()
    }
}

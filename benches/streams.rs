//! Streams from another process and to and fro, beside what their items cost at least: postcard in
//! memory, a bare copy through a Unix socket, a call.
//!
//! All times are of one item.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::{MIB, ROUNDS, SEQUENTIAL, Table, bare_socket, sequential};
use bytes::Bytes;
use futures_util::future::try_join_all;
use futures_util::{Stream, TryStreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tractor::{Context, Dynamic, Portal};

const NUMBERS: u32 = 1_000_000;
const STREAMS: u32 = 1_000;
const KIB: usize = 1 << 10;
const SMALL: u32 = 100_000;
const LARGE: u32 = 100;

/// What a bare copy reads and writes at once.
const CHUNK: usize = 64 * KIB;

#[tractor::rpc]
fn numbers(count: u32) -> impl Stream<Item = u64> {
    stream::iter(0..count.into())
}

#[tractor::rpc]
fn vectors(count: u32, size: usize) -> impl Stream<Item = Vec<u8>> {
    stream::iter((0..count).map(move |_| vec![7; size]))
}

#[tractor::rpc]
fn shared_bytes(count: u32, size: usize) -> impl Stream<Item = Bytes> {
    let bytes = Bytes::from(vec![7; size]);
    stream::iter((0..count).map(move |_| bytes.clone()))
}

/// Sends back what it receives.
#[tractor::context]
async fn pong(ctx: Context<(), u64, u64>) -> tractor::Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    while let Some(n) = stream.try_next().await? {
        stream.send(n).await?;
    }
    Ok(())
}

/// Writes as many bytes as it is asked for, each time, until the peer hangs up.
#[tractor::rpc]
async fn pour(path: String) -> Result<(), std::io::Error> {
    let mut stream = UnixStream::connect(path).await?;
    let chunk = vec![7; CHUNK];
    while let Ok(mut left) = stream.read_u64_le().await {
        while left > 0 {
            let size = chunk.len().min(usize::try_from(left).unwrap_or(CHUNK));
            stream.write_all(&chunk[..size]).await?;
            left -= size as u64;
        }
    }
    Ok(())
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::cluster! { modules: [self, benches], count: 2 }
        .scope(async |workers| {
            let mut table = Table::new(&[
                ("postcard in memory, `u64`", NUMBERS, None),
                ("stream of 1,000,000 `u64`", NUMBERS, Some(0)),
                ("1,000 streams of 1,000 `u64`", NUMBERS, Some(1)),
                ("bare copy, 1 KiB", SMALL, None),
                ("stream of 1 KiB `Vec<u8>`", SMALL, Some(3)),
                ("bare copy, 1 MiB", LARGE, None),
                ("stream of 1 MiB `Vec<u8>`", LARGE, Some(5)),
                ("stream of 1 MiB `Bytes`", LARGE, Some(5)),
                ("call, one at a time", SEQUENTIAL, None),
                ("ping-pong over a context", SEQUENTIAL, Some(8)),
            ]);
            let portal = workers["worker_0"].dynamic();
            let bare = workers["worker_1"].dynamic();
            let mut bare = bare_socket(|path| async move { bare.run(pour(path)).await }).await;
            for _ in 0..ROUNDS {
                table.push(0, in_memory());
                table.push(1, one_stream(&portal).await?);
                table.push(2, many_streams(&portal).await?);
                table.push(3, bare_copy(&mut bare, SMALL, KIB).await);
                table.push(4, vectors_from(&portal, SMALL, KIB).await?);
                table.push(5, bare_copy(&mut bare, LARGE, MIB).await);
                table.push(6, vectors_from(&portal, LARGE, MIB).await?);
                table.push(7, bytes_from(&portal, LARGE, MIB).await?);
                table.push(8, sequential(&portal).await?);
                table.push(9, ping_pong(&portal).await?);
            }
            table.print();
            Ok(())
        })
        .await
}

/// Encodes all numbers into one buffer, and decodes them, on this thread.
fn in_memory() -> Duration {
    let begin = Instant::now();
    let encoded = (0..u64::from(NUMBERS)).fold(Vec::new(), |buffer, n| {
        postcard::to_extend(&black_box(n), buffer).expect("it is a number")
    });
    let mut rest = &encoded[..];
    let mut sum = 0;
    while !rest.is_empty() {
        let n: u64;
        (n, rest) = postcard::take_from_bytes(rest).expect("it was encoded above");
        sum += black_box(n);
    }
    assert_eq!(sum, sum_below(NUMBERS));
    begin.elapsed()
}

async fn one_stream(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    let begin = Instant::now();
    assert_eq!(sum_from(portal, NUMBERS).await?, sum_below(NUMBERS));
    Ok(begin.elapsed())
}

async fn many_streams(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    const EACH: u32 = NUMBERS / STREAMS;
    let begin = Instant::now();
    let sums = try_join_all((0..STREAMS).map(|_| sum_from(portal, EACH))).await?;
    assert!(sums.into_iter().all(|sum| sum == sum_below(EACH)));
    Ok(begin.elapsed())
}

async fn sum_from(portal: &Portal<Dynamic>, count: u32) -> tractor::Result<u64> {
    let there = portal.open_stream_from(numbers(count));
    there.try_fold(0, async |sum, n| Ok(sum + n)).await
}

fn sum_below(count: u32) -> u64 {
    (0..u64::from(count)).sum()
}

async fn vectors_from(
    portal: &Portal<Dynamic>,
    count: u32,
    size: usize,
) -> tractor::Result<Duration> {
    let begin = Instant::now();
    let there = portal.open_stream_from(vectors(count, size));
    let total = there.try_fold(0, async |sum, item| Ok(sum + item.len()));
    assert_eq!(total.await?, count as usize * size);
    Ok(begin.elapsed())
}

async fn bytes_from(
    portal: &Portal<Dynamic>,
    count: u32,
    size: usize,
) -> tractor::Result<Duration> {
    let begin = Instant::now();
    let there = portal.open_stream_from(shared_bytes(count, size));
    let total = there.try_fold(0, async |sum, item| Ok(sum + item.len()));
    assert_eq!(total.await?, count as usize * size);
    Ok(begin.elapsed())
}

async fn bare_copy(socket: &mut UnixStream, count: u32, size: usize) -> Duration {
    let begin = Instant::now();
    let mut left = count as usize * size;
    let mut chunk = vec![0; CHUNK];
    let asking = socket.write_u64_le(left as u64);
    asking.await.expect("the worker reads");
    while left > 0 {
        left -= match socket.read(&mut chunk).await.expect("the worker writes") {
            0 => panic!("the worker has hung up"),
            read => read,
        };
    }
    begin.elapsed()
}

async fn ping_pong(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    let pinging = portal.open_context(pong()).scope(async |ctx, ()| {
        let mut stream = ctx.open_stream();
        let begin = Instant::now();
        for n in 0..u64::from(SEQUENTIAL) {
            stream.send(n).await?;
            assert_eq!(stream.try_next().await?, Some(n));
        }
        let time = begin.elapsed();
        stream.close().await?;
        ctx.result().await?;
        Ok(time)
    });
    pinging.await
}

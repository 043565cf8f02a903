//! Calls into another process, beside a bare ping-pong over a Unix socket in the same run.
//!
//! Every round measures every workload once, so that whatever else the machine does hits all of
//! them; the table shows medians. Read the ratios, not the absolute times.

use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tractor::{Dynamic, Portal};

const ROUNDS: usize = 9;
const SEQUENTIAL: u32 = 5_000;
const PIPELINED: u32 = 50_000;
const LARGE: u32 = 50;
const MIB: usize = 1 << 20;

#[tractor::rpc]
async fn echo(n: u64) -> u64 {
    n
}

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

/// One line of the table: the time of one operation in each round.
struct Workload {
    name: &'static str,
    floor: Option<usize>,
    times: Vec<Duration>,
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::cluster! { modules: [self], count: 3 }
        .scope(async |workers| {
            let mut table = [
                ("bare ping-pong, 16 B", None),
                ("call, one at a time", Some(0)),
                ("call, 64 in flight", Some(0)),
                ("bare transfer, 1 MiB", None),
                ("call with 1 MiB of `Bytes`", Some(3)),
            ]
            .map(|(name, floor)| Workload {
                name,
                floor,
                times: Vec::new(),
            });
            let portal = workers["worker_0"].dynamic();
            let small = Ping::start(workers["worker_1"].dynamic(), 16);
            let large = Ping::start(workers["worker_2"].dynamic(), MIB);
            let (mut small, mut large) = tokio::join!(small, large);
            let megabyte = Bytes::from(vec![7; MIB]);
            for _ in 0..ROUNDS {
                table[0].times.push(small.time(SEQUENTIAL).await);
                table[1].times.push(sequential(&portal).await?);
                table[2].times.push(pipelined(&portal).await?);
                table[3].times.push(large.time(LARGE).await);
                table[4].times.push(transfers(&portal, &megabyte).await?);
            }
            print(&mut table);
            Ok(())
        })
        .await
}

async fn sequential(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    let begin = Instant::now();
    for n in 0..SEQUENTIAL {
        portal.run(echo(n.into())).await?;
    }
    Ok(begin.elapsed() / SEQUENTIAL)
}

async fn pipelined(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    let begin = Instant::now();
    let calls = stream::iter(0..PIPELINED).map(|n| portal.run(echo(n.into())));
    let answers = calls
        .buffer_unordered(64)
        .try_fold(0, async |count, _| Ok(count + 1));
    assert_eq!(pin!(answers).await?, PIPELINED);
    Ok(begin.elapsed() / PIPELINED)
}

async fn transfers(portal: &Portal<Dynamic>, bytes: &Bytes) -> tractor::Result<Duration> {
    let begin = Instant::now();
    for _ in 0..LARGE {
        assert_eq!(portal.run(length(bytes.clone())).await?, bytes.len());
    }
    Ok(begin.elapsed() / LARGE)
}

/// A bare socket to a worker, which answers on it.
struct Ping {
    stream: UnixStream,
    message: Vec<u8>,
}

impl Ping {
    async fn start(worker: Portal<Dynamic>, size: usize) -> Self {
        let path = std::env::temp_dir().join(format!("ping-{}-{size}", std::process::id()));
        let listener = UnixListener::bind(&path).expect("the directory is writable");
        let path_there = path.to_string_lossy().into_owned();
        let answering = async move { worker.run(pong(path_there, size)).await };
        #[expect(clippy::disallowed_methods, reason = "it ends with its socket")]
        tokio::spawn(answering);
        let (stream, _) = listener.accept().await.expect("the worker connects");
        std::fs::remove_file(path).expect("it was bound above");
        Self {
            stream,
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
        begin.elapsed() / count
    }
}

fn print(table: &mut [Workload]) {
    for workload in table.iter_mut() {
        workload.times.sort_unstable();
    }
    let median = |workload: &Workload| workload.times[workload.times.len() / 2];
    println!(
        "{:<28} {:>10} {:>10} {:>10} {:>7}",
        "", "min", "median", "max", "ratio"
    );
    for workload in &*table {
        let ratio = workload.floor.map_or_else(String::new, |floor| {
            let floor = median(&table[floor]);
            format!(
                "{:.2}",
                median(workload).as_secs_f64() / floor.as_secs_f64()
            )
        });
        println!(
            "{:<28} {:>10.2?} {:>10.2?} {:>10.2?} {ratio:>7}",
            workload.name,
            workload.times[0],
            median(workload),
            workload.times[workload.times.len() - 1],
        );
    }
}

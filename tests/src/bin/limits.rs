//! A root that runs into a limit while it starts a cluster.
//!
//! `limits files|processes ROOM WORKERS warm|cold`
//!
//! ROOM is how much more than now the limit allows. It prints the error, then shows that it can
//! start a smaller cluster still.

#![forbid(unsafe_code)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tests::workers::add;
use tractor::{Error, Result};

fn open_files() -> u64 {
    fs::read_dir("/proc/self/fd")
        .expect("/proc is mounted")
        .count() as u64
}

/// The tasks of this user, which is what the limit counts.
fn tasks() -> u64 {
    let me = nix::unistd::getuid().as_raw();
    let processes = fs::read_dir("/proc").expect("/proc is mounted");
    let tasks = processes.filter_map(|process| {
        let process = process.ok()?;
        let is_mine = process.metadata().ok()?.uid() == me;
        let tasks = fs::read_dir(process.path().join("task")).ok()?;
        is_mine.then(|| tasks.count() as u64)
    });
    tasks.sum()
}

fn limit(resource: Resource, soft: u64) {
    let (_, hard) = getrlimit(resource).expect("the limit can be read");
    setrlimit(resource, soft.min(hard), hard).expect("a limit can be lowered");
}

async fn sum(workers: usize) -> Result<u64> {
    tractor::cluster! { modules: [tests::workers], count: workers }
        .scope(async |workers| workers["worker_0"].run(add(1, 2)).await)
        .await
}

/// Every child is reaped by now; the thread that started the last one may be about to end.
async fn once_there_is_room() -> Result<u64> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match sum(1).await {
            Err(Error::Spawn(_)) if Instant::now() < deadline => {
                tokio::time::sleep(tests::GLANCE).await;
            }
            result => return result,
        }
    }
}

#[tractor::main]
async fn main() -> Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [what, room, workers, warm] = args.as_slice() else {
        panic!("usage: limits files|processes ROOM WORKERS warm|cold");
    };
    let room: u64 = room.parse().expect("a number");
    let workers = workers.parse().expect("a number");
    if warm == "warm" {
        // What a cluster needs once (threads, descriptors of the runtime) is there before.
        assert_eq!(sum(1).await?, 3);
    }
    match what.as_str() {
        "files" => limit(Resource::RLIMIT_NOFILE, open_files() + room),
        "processes" => limit(Resource::RLIMIT_NPROC, tasks() + room),
        other => panic!("unknown: `{other}`"),
    }
    match sum(workers).await {
        Err(Error::Spawn(error)) => println!("refused {error}"),
        Err(other) => println!("other {other}"),
        Ok(_) => println!("no limit"),
    }
    if warm == "warm" {
        println!("then {}", once_there_is_room().await?);
    }
    Ok(())
}

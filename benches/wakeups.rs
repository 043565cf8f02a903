//! What a round trip between two cores takes beside the work at its ends, and what it costs that a socket
//! is also watched for room.
//!
//! Two threads, each with a runtime and a core of its own, send 30 bytes to and fro; each end works for a
//! while before it answers. `room` is tokio's socket, which is woken for room as well; `data` is woken for
//! data only, as a link of tractor's is. An end that is woken for nothing just before its answer comes is
//! awake then: that hides a wake-up, as long as the other end works less than that takes.

use std::hint::spin_loop;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The median over so many.
const TRIPS: usize = 20_000;

/// What each end works, in nanoseconds.
const WORK: [u64; 6] = [0, 500, 1_000, 2_000, 4_000, 8_000];

const MESSAGE: [u8; 30] = [7; 30];

#[derive(Clone, Copy, PartialEq, Eq)]
enum WokenFor {
    Data,
    DataAndRoom,
}

fn main() {
    println!("median round trip between two cores, in µs");
    println!("{:>12} {:>8} {:>8}", "work, each", "room", "data");
    for work in WORK.map(Duration::from_nanos) {
        let both = round_trip(work, WokenFor::DataAndRoom).as_nanos() as f64 / 1e3;
        let data = round_trip(work, WokenFor::Data).as_nanos() as f64 / 1e3;
        println!(
            "{:12.1} {both:8.1} {data:8.1}",
            work.as_nanos() as f64 / 1e3
        );
    }
}

fn round_trip(work: Duration, woken_for: WokenFor) -> Duration {
    let (one, other) = UnixStream::pair().expect("a pair");
    let end = |core, socket, begins| {
        move || {
            let mut cores = CpuSet::new();
            cores.set(core).expect("it is a small number");
            sched_setaffinity(Pid::from_raw(0), &cores).expect("there are two cores");
            play(socket, work, woken_for, begins)
        }
    };
    let other = thread::spawn(end(1, other, false));
    let mut trips = thread::spawn(end(0, one, true)).join().expect("it ends");
    other.join().expect("it ends");
    trips.sort_unstable();
    trips[TRIPS / 2]
}

/// Sends and receives, or the other way round; gives the time of each trip.
fn play(socket: UnixStream, work: Duration, woken_for: WokenFor, begins: bool) -> Vec<Duration> {
    socket.set_nonblocking(true).expect("it is a socket");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut end = End::new(socket, woken_for);
        let mut trips = Vec::with_capacity(TRIPS);
        for _ in 0..TRIPS {
            let begin = Instant::now();
            if begins {
                end.send().await;
            }
            end.receive().await;
            let received = Instant::now();
            while received.elapsed() < work {
                spin_loop();
            }
            if !begins {
                end.send().await;
            }
            trips.push(begin.elapsed());
        }
        trips
    })
}

enum End {
    Tokio(tokio::net::UnixStream),
    Data(AsyncFd<UnixStream>),
}

impl End {
    fn new(socket: UnixStream, woken_for: WokenFor) -> Self {
        match woken_for {
            WokenFor::DataAndRoom => {
                let socket = tokio::net::UnixStream::from_std(socket);
                Self::Tokio(socket.expect("it is a socket"))
            }
            WokenFor::Data => Self::Data(watch(socket)),
        }
    }

    async fn send(&mut self) {
        match self {
            Self::Tokio(socket) => socket.write_all(&MESSAGE).await,
            Self::Data(socket) => socket.get_ref().write_all(&MESSAGE),
        }
        .expect("the peer is there, and there is room");
    }

    async fn receive(&mut self) {
        let mut message = [0; MESSAGE.len()];
        match self {
            Self::Tokio(socket) => {
                let read = socket.read_exact(&mut message).await;
                read.expect("the peer writes");
            }
            Self::Data(socket) => loop {
                let mut ready = socket.readable().await.expect("it is watched");
                if try_read(&mut ready, &mut message) {
                    break;
                }
            },
        }
        assert_eq!(message, MESSAGE);
    }
}

/// Reads a message, which comes as a whole.
fn try_read(ready: &mut AsyncFdReadyGuard<'_, UnixStream>, message: &mut [u8]) -> bool {
    let mut socket: &UnixStream = ready.get_inner();
    let read = socket.read(message);
    ready.clear_ready();
    match read {
        Ok(count) => {
            assert_eq!(count, message.len());
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            false
        }
    }
}

#[expect(
    unsafe_code,
    reason = "the runtime has to be promised that the descriptor stays"
)]
fn watch(socket: UnixStream) -> AsyncFd<UnixStream> {
    // SAFETY: a `UnixStream` owns its descriptor, which is the same as long as it lives.
    let watched = unsafe { AsyncFd::register_with_interest(socket, tokio::io::Interest::READABLE) };
    watched.expect("the runtime watches it")
}

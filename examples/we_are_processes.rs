//! One actor per core, all busy; then the root crashes on purpose.
//!
//! Watch it from another terminal, with `watch -n 0.1 'ps --forest -o pid,stat,args'`: when the root
//! is gone, so is every worker, although none of them was asked, and each is in the middle of
//! something. After how many seconds it crashes can be said, and `tractor top` shows what the workers
//! do until then.
//!
//! ```console
//! $ TRACTOR_INSPECT=1 cargo run --release --example we_are_processes -- 10
//! Yo i am actor root.worker_0[4243]
//! Yo i am actor root.worker_1[4244]
//! thread 'main' panicked at examples/we_are_processes.rs:42:13:
//! the root crashes, on purpose
//! Zombies Contained
//! ```

use std::process::ExitCode;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::sleep;

/// Works until somebody ends it.
#[tractor::rpc]
async fn target() {
    println!("Yo i am actor {}", tractor::current_actor().aid());
    loop {
        std::hint::black_box((1..100_000_u64).sum::<u64>());
        tokio::task::yield_now().await;
    }
}

async fn crash_after(time: Duration) -> tractor::Result<()> {
    tractor::cluster! { modules: [self] }
        .scope(async |workers| {
            let mut all = std::pin::pin!(workers.run_all(target));
            tokio::select! {
                _ = &mut all => unreachable!("they work until they are ended"),
                () = sleep(time) => {}
            }
            // A panic goes through the scope as through any code: after the last worker is reaped.
            panic!("the root crashes, on purpose");
        })
        .await
}

#[tractor::main]
async fn main() -> ExitCode {
    let time = match std::env::args().nth(1).map(|seconds| seconds.parse()) {
        None => Duration::from_millis(500),
        Some(Ok(seconds)) => Duration::from_secs(seconds),
        Some(Err(error)) => {
            eprintln!("after how many seconds is it to crash? {error}");
            return ExitCode::from(2);
        }
    };
    let crashed = std::panic::AssertUnwindSafe(crash_after(time));
    let crashed = crashed.catch_unwind().await;
    assert!(crashed.is_err(), "it panics");
    match children() {
        0 => {
            println!("Zombies Contained");
            ExitCode::SUCCESS
        }
        left => {
            println!("{left} processes are left");
            ExitCode::FAILURE
        }
    }
}

/// The children of this process, zombies included, as the kernel counts them.
fn children() -> usize {
    let pid = std::process::id();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    children.map_or(0, |children| children.split_whitespace().count())
}

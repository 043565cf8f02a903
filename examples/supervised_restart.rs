//! Workers that crash every few calls are restarted, and nothing is lost.
//!
//! A stream of work goes over two workers. Each dies of a bug now and then, as a worker with a bug
//! in a C library would: by a signal, in the middle of a call, which takes down nothing but its own
//! process. The cluster starts it again. The work is declared idempotent, so that calls that died
//! with their worker are sent again.
//!
//! ```console
//! $ cargo run --release --example supervised_restart
//! 100 of 100 done, the sum is 328350
//! 18 restarts; the first was because actor root.worker_1[4244] was killed by SIGABRT
//! ```

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Has a bug that shows every few calls.
#[tractor::rpc]
async fn square(n: u64) -> u64 {
    if CALLS.fetch_add(1, Ordering::Relaxed) == 5 {
        std::process::abort();
    }
    n * n
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let (done, sum, report) = tractor::cluster! {
        modules: [self],
        count: 2,
        restart: OneForOne,
        // More in so short a time, and the scope would fail with the last death.
        max_restarts: 1000,
        restart_window: Duration::from_secs(10),
        restart_backoff: Duration::ZERO..=Duration::from_millis(10),
    }
    .scope(async |workers| -> tractor::Result<_> {
        let mut squares = workers.map(0..100, square).buffer(2).retry(10);
        let (mut done, mut sum) = (0, 0);
        while let Some((_index, square)) = squares.next().await {
            sum += square?;
            done += 1;
        }
        Ok((done, sum, workers.report()))
    })
    .await?;
    println!("{done} of 100 done, the sum is {sum}");
    if let Some(failure) = report.failures().first() {
        let restarts = report.restarts();
        println!("{restarts} restarts; the first was because {failure}");
    }
    Ok(())
}

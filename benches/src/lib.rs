//! What the benchmarks share, which stand beside this directory: `cargo bench -p benches`.
//!
//! A benchmark measures every workload once a round, so that whatever else the machine does hits
//! all of them, and prints medians. Read the ratios, not the absolute times.

#![expect(
    clippy::missing_panics_doc,
    reason = "a benchmark panics when it cannot measure"
)]

mod table;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::net::{UnixListener, UnixStream};
use tractor::{Dynamic, Portal};

pub use table::Table;

/// How often every workload is measured.
pub const ROUNDS: usize = 9;

/// As many bytes as the large messages have.
pub const MIB: usize = 1 << 20;

/// How many messages go to and fro in one round, if each waits for the answer to the last.
pub const SEQUENTIAL: u32 = 5_000;

/// Answers with what it is given.
#[tractor::rpc]
pub async fn echo(n: u64) -> u64 {
    n
}

/// The time of [`SEQUENTIAL`] calls, if each waits for the answer to the last.
///
/// # Errors
///
/// Those of a call.
pub async fn sequential(portal: &Portal<Dynamic>) -> tractor::Result<Duration> {
    let begin = Instant::now();
    for n in 0..SEQUENTIAL {
        portal.run(echo(n.into())).await?;
    }
    Ok(begin.elapsed())
}

/// Opens a bare socket to what `answer` makes a worker do with the path, until the socket closes.
pub async fn bare_socket<F>(answer: impl FnOnce(String) -> F) -> UnixStream
where
    F: Future<Output: Send> + Send + 'static,
{
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let number = OPENED.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("bare-{}-{number}", std::process::id()));
    let listener = UnixListener::bind(&path).expect("the directory is writable");
    let answering = answer(path.to_string_lossy().into_owned());
    #[expect(clippy::disallowed_methods, reason = "it ends with its socket")]
    tokio::spawn(async move { drop(answering.await) });
    let (stream, _) = listener.accept().await.expect("the worker connects");
    std::fs::remove_file(path).expect("it was bound above");
    stream
}

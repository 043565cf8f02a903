//! Functions that workers of many tests expose.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, raise};
use tokio::signal::unix::{SignalKind, signal};

static BEGUN: AtomicUsize = AtomicUsize::new(0);
static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Counts handlers that begin, and that are dropped before their end.
struct Witness;

impl Witness {
    fn begin() -> Self {
        BEGUN.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

/// Its process.
#[tractor::rpc]
pub async fn pid() -> u32 {
    std::process::id()
}

/// The sum.
#[tractor::rpc]
pub async fn add(a: u64, b: u64) -> u64 {
    a + b
}

/// What it was given.
#[tractor::rpc]
pub async fn echo(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// What it was given: text is copied as a whole, bytes one by one.
#[tractor::rpc]
pub async fn repeat(text: String) -> String {
    text
}

/// Never returns, and is [counted](naps()) when it begins and when it is dropped.
#[tractor::rpc]
pub async fn nap() {
    let _witness = Witness::begin();
    pending::<()>().await;
}

/// Like [`nap()`], for `map`.
#[tractor::rpc]
pub async fn nap_over(_input: u32) {
    let _witness = Witness::begin();
    pending::<()>().await;
}

/// How many naps have begun here, and how many were dropped.
#[tractor::rpc]
pub async fn naps() -> (usize, usize) {
    let dropped = DROPPED.load(Ordering::SeqCst);
    (BEGUN.load(Ordering::SeqCst), dropped)
}

/// Sleeps, then gives `value` back.
#[tractor::rpc]
pub async fn after(millis: u64, value: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    value
}

/// From now on its process does not die of SIGTERM.
#[tractor::rpc]
pub async fn ignore_sigterm() {
    // tokio's handler takes the place of the default, and stays there.
    drop(signal(SignalKind::terminate()).expect("a handler can be installed"));
}

/// How many threads run its tasks.
#[tractor::rpc]
pub async fn threads() -> usize {
    tokio::runtime::Handle::current().metrics().num_workers()
}

/// Blocks the executor for ever.
#[tractor::rpc]
pub async fn spin() {
    #[expect(clippy::empty_loop, reason = "that is what is tested")]
    loop {}
}

/// Blocks a thread of the blocking pool for ever.
#[tractor::rpc]
pub fn block() {
    loop {
        std::thread::park();
    }
}

/// Kills its own process by this signal.
#[tractor::rpc]
pub async fn die(signal: i32) {
    let signal = Signal::try_from(signal).expect("a signal");
    raise(signal).expect("a process can signal itself");
    pending::<()>().await;
}

/// Ends its own process with this exit code, as a C library might.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "that is what is tested")]
pub async fn quit(code: i32) {
    std::process::exit(code)
}

/// Fails with this text.
#[tractor::rpc]
pub async fn fail(text: String) -> Result<(), String> {
    Err(text)
}

//! Tests of tractor with real processes: the harness, and functions that many tests call.
//!
//! There are two kinds of test. Most are roots themselves, by `#[tractor::test]`, and use
//! [`actor`]. Those about the fate of a root start a fixture program in a process group of its own
//! and use [`Fixture`](fixture::Fixture).
//!
//! Whatever waits for another process has a timeout that ends in a panic with the process tree, and
//! every test ends by asserting that no process of its tree is left, nor a zombie, a temporary file,
//! a socket or shared memory: the fixtures by themselves, roots by
//! [`assert_nobody_left`](actor::assert_nobody_left), which `tests/leftovers.rs` asks of each.

#![forbid(unsafe_code)]
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness panics when a test fails"
)]

pub mod actor;
pub mod chaos;
pub mod disk;
pub mod fixture;
pub mod leftovers;
mod output;
pub mod process;
pub mod random;
pub mod stage;
pub mod terminal;
pub mod workers;

use std::time::{Duration, Instant};

/// Longer than anything takes that works, on a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than any test takes: a timeout that never passes.
pub const HOUR: Duration = Duration::from_secs(3600);

/// How often a condition is looked at.
pub const GLANCE: Duration = Duration::from_millis(5);

/// Waits until `condition` holds.
pub fn wait_until(what: &str, timeout: Duration, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(
            began.elapsed() < timeout,
            "not within {timeout:?}: {what}\n{}",
            process::tree()
        );
        std::thread::sleep(GLANCE);
    }
}

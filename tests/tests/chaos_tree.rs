//! Random trees keep what is promised, whatever happens to them (S1, S2, S3, C1, C2, E1).
//!
//! `TRACTOR_CHAOS_COUNT` says how many seeds are tried (50 by default), `TRACTOR_CHAOS_SEED` which is
//! the first: with the seed that was printed and a count of 1, the same plan is carried out again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use tests::chaos::run::run;
use tests::random::Random;

/// How many runs go on at the same time.
const AT_ONCE: usize = 3;

fn number(key: &str) -> Option<u64> {
    let text = std::env::var(key).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{key} is no number: {text}")),
    )
}

#[test]
fn random_trees_keep_what_is_promised() {
    let count = number("TRACTOR_CHAOS_COUNT").unwrap_or(50);
    // Short, because a person may have to type it.
    let first = number("TRACTOR_CHAOS_SEED").unwrap_or_else(|| Random::fresh_seed() >> 44);
    println!("TRACTOR_CHAOS_SEED={first} TRACTOR_CHAOS_COUNT={count}");
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return;
                    }
                    let seed = first.wrapping_add(index);
                    let outcome = run(env!("CARGO_BIN_EXE_chaos_tree"), seed);
                    if !outcome.complaints.is_empty() {
                        failed.store(true, Ordering::Relaxed);
                        println!(
                            "TRACTOR_CHAOS_SEED={seed} TRACTOR_CHAOS_COUNT=1 failed:\n{}",
                            outcome.text()
                        );
                    }
                }
            });
        }
    });
    println!("{count} seeds in {:?}", began.elapsed());
    assert!(!failed.into_inner(), "promises were broken; see above");
}

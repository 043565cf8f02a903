//! The benchmarks stand beside this file: `cargo bench -p benches`.

//! Whatever a peer says, every call on its link resolves.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tractor::fuzzing::session(bytes));

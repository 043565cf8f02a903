//! Whatever a peer does to the memory of a link, this end touches nothing else.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tractor::fuzzing::memory(bytes));

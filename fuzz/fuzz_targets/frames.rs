//! Any bytes are frames, the beginning of one, or a violation.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tractor::fuzzing::frames(bytes));

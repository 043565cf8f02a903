//! The actors of a run of chaos: `chaos_tree SEED`. See `tests::chaos`.

#![forbid(unsafe_code)]

fn main() {
    tests::chaos::tree::run();
}

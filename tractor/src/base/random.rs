//! Numbers that nobody can foresee.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number that nobody can foresee.
pub(crate) fn random() -> u64 {
    // Each `RandomState` is keyed from the operating system's randomness.
    RandomState::new().build_hasher().finish()
}

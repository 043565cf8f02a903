//! Values that nest, and whose decoding therefore recurses.

use std::cell::Cell;
use std::thread::LocalKey;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Decodes what is in a value of a kind that nests, no deeper than `most` (W1). `depth` counts for that
/// kind, which an error calls `kind`.
pub(super) fn nested<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    depth: &'static LocalKey<Cell<usize>>,
    most: usize,
    kind: &str,
) -> Result<T, D::Error> {
    let now = depth.get();
    if now == most {
        return Err(D::Error::custom(format!("{kind} nest too deep")));
    }
    depth.set(now + 1);
    let decoded = T::deserialize(deserializer);
    depth.set(now);
    decoded
}

//! What every server answers, whatever carries it.
//!
//! All contestants call these same functions, and all callers compare the answers with what they
//! know. In a process that has [`LIAR`] in its environment the answers are wrong, which shows that
//! the comparison happens: see [`check`](crate::check).

use std::sync::LazyLock;

use bytes::Bytes;

use crate::payload::{self, Row};

/// The environment variable that makes a server answer wrongly.
pub(crate) const LIAR: &str = "PEERS_LIAR";

static LIE: LazyLock<u64> = LazyLock::new(|| u64::from(std::env::var_os(LIAR).is_some()));

/// Answers with what it is given.
pub(crate) fn echo(n: u64) -> u64 {
    n + *LIE
}

/// Answers with the digest of every `stride`-th byte.
pub(crate) fn bytes(bytes: &[u8], stride: u64) -> u64 {
    payload::digest(bytes, stride).wrapping_add(*LIE)
}

/// Answers with the digest of all rows.
pub(crate) fn rows(rows: &[Row]) -> u64 {
    payload::digest_rows(rows).wrapping_add(*LIE)
}

/// Answers with the numbers below `count`.
pub(crate) fn numbers(count: u64) -> impl Iterator<Item = u64> {
    let lie = *LIE;
    (0..count).map(move |n| n + lie)
}

/// Answers with as many items of [`payload::ITEM`] bytes.
pub(crate) fn items(count: u64) -> impl Iterator<Item = Bytes> {
    numbers(count).map(|n| payload::item(n).into())
}

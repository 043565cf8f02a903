//! What is sent to and fro, and how its receiver proves to have received it.

use serde::{Deserialize, Serialize};

/// The bytes of an item of a stream.
pub(crate) const ITEM: usize = 1 << 10;

/// The most points at which a digest looks at bytes while the clock runs.
const POINTS: usize = 1 << 10;

/// A struct of which lists are sent: serde for most peers, protobuf for one.
#[derive(Clone, PartialEq, Serialize, Deserialize, prost::Message)]
pub(crate) struct Row {
    /// Who it is about.
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    /// When it happened.
    #[prost(uint64, tag = "2")]
    pub(crate) time: u64,
    /// A value that does not compress.
    #[prost(double, tag = "3")]
    pub(crate) price: f64,
    /// A small number.
    #[prost(uint32, tag = "4")]
    pub(crate) size: u32,
    /// A bit.
    #[prost(bool, tag = "5")]
    pub(crate) buys: bool,
}

/// As many rows as fill `size` bytes of memory, at least one.
pub(crate) fn some_rows(size: usize) -> Vec<Row> {
    let row = |i| Row {
        id: i * 31,
        time: 1_700_000_000_000 + i,
        price: f64::from_bits(0x4059_0000_0000_0000 | scramble(i) >> 20),
        size: (scramble(i) >> 52) as u32,
        buys: i % 3 == 0,
    };
    let count = (size / size_of::<Row>()).max(1) as u64;
    (0..count).map(row).collect()
}

/// As many bytes, of no obvious pattern.
pub(crate) fn some_bytes(size: usize) -> Vec<u8> {
    let words = (0..size.div_ceil(8) as u64).flat_map(|i| scramble(i).to_le_bytes());
    words.take(size).collect()
}

/// The `n`-th item of a stream.
pub(crate) fn item(n: u64) -> Vec<u8> {
    let mut item = vec![n.to_le_bytes()[0]; ITEM];
    item[..8].copy_from_slice(&n.to_le_bytes());
    item
}

/// Whether these bytes are the `n`-th item of a stream, all of them.
pub(crate) fn is_item(bytes: &[u8], n: u64) -> bool {
    let begin = n.to_le_bytes();
    bytes.len() == ITEM
        && bytes[..8] == begin
        && bytes[8..]
            .iter()
            .fold(0, |differ, byte| differ | (byte ^ begin[0]))
            == 0
}

/// From one point of a digest to the next, if it is taken while the clock runs: 1, which takes in
/// every byte, would measure the digest.
pub(crate) fn stride(size: usize) -> u64 {
    size.div_ceil(POINTS) as u64
}

/// A number that depends on the length, and on every `stride`-th byte and its place.
pub(crate) fn digest(bytes: &[u8], stride: u64) -> u64 {
    let stride = usize::try_from(stride).unwrap_or(usize::MAX).max(1);
    let points = bytes.iter().step_by(stride);
    points.fold(bytes.len() as u64, |digest, &byte| mix(digest, byte.into()))
}

/// A number that depends on every field of every row and its place.
pub(crate) fn digest_rows(rows: &[Row]) -> u64 {
    rows.iter().fold(rows.len() as u64, |digest, row| {
        let fields = row.id ^ row.time.rotate_left(17) ^ row.price.to_bits();
        mix(
            digest,
            fields ^ u64::from(row.size) << 1 ^ u64::from(row.buys),
        )
    })
}

fn mix(digest: u64, word: u64) -> u64 {
    (digest.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// A number that looks random, from one that does not.
fn scramble(n: u64) -> u64 {
    let n = (n ^ n >> 30).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_sees_a_changed_byte() {
        let mut bytes = some_bytes(1000);
        let before = digest(&bytes, 1);
        bytes[567] ^= 1;
        assert_ne!(digest(&bytes, 1), before);
    }

    #[test]
    fn digest_sees_a_swap() {
        let mut rows = some_rows(1000);
        let before = digest_rows(&rows);
        rows.swap(3, 4);
        assert_ne!(digest_rows(&rows), before);
    }

    #[test]
    fn digest_sees_the_length() {
        assert_ne!(digest(&[0; 9], 8), digest(&[0; 10], 8));
    }

    #[test]
    fn item_is_told_from_its_neighbour() {
        assert!(is_item(&item(7), 7));
        assert!(!is_item(&item(7), 8));
        assert!(!is_item(&item(7)[1..], 7));
        assert!(!is_item(&item(256), 512));
    }
}

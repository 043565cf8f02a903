//! Byte strings that are too large to be copied for every layer that they go through.

use bytes::Bytes;
use tests::actor::{assert_nobody_left, fresh_name};
use tractor::Result;

/// Gives its arguments back in another order.
#[tractor::rpc]
fn turn_round(front: Bytes, number: u64, back: Bytes) -> (Bytes, u64, Bytes) {
    (back, number + 1, front)
}

#[tractor::rpc]
async fn reverse(bytes: Bytes) -> Bytes {
    bytes.iter().rev().copied().collect()
}

/// Gives the middle half back.
#[tractor::rpc]
fn middle(bytes: Bytes) -> Bytes {
    bytes.slice(bytes.len() / 4..bytes.len() / 4 * 3)
}

/// No two parts of it are the same.
fn pattern(size: usize) -> Bytes {
    (0..size)
        .map(|at| at.wrapping_mul(0x9e37_79b9).to_le_bytes()[2])
        .collect()
}

/// Around where copies end, and beyond what a ring, a read or a batch takes.
const SIZES: [usize; 8] = [
    0,
    1,
    (16 << 10) - 1,
    16 << 10,
    64 << 10,
    128 << 10,
    300_001,
    5 << 20,
];

#[tractor::test(name = fresh_name())]
async fn byte_strings_of_every_size_go_there_and_back() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            for size in SIZES {
                let bytes = pattern(size);
                let reversed: Bytes = bytes.iter().rev().copied().collect();
                assert!(
                    portal.run(reverse(bytes.clone())).await? == reversed,
                    "{size}"
                );
                for other in SIZES {
                    let other = pattern(other);
                    let call = turn_round(bytes.clone(), 6, other.clone());
                    let (front, number, back) = portal.run(call).await?;
                    assert!(front == other && number == 7 && back == bytes, "{size}");
                }
            }
            Ok::<_, tractor::Error>(())
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn parts_of_byte_strings_are_byte_strings() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let bytes = pattern(1 << 20);
            let calls = (0..20).map(|at| {
                let part = bytes.slice(at * 1000..at * 1000 + (400 << 10));
                let expected = part.slice(part.len() / 4..part.len() / 4 * 3);
                async move { Ok::<_, tractor::Error>(portal.run(middle(part)).await? == expected) }
            });
            let arrived: Vec<_> = futures_util::future::try_join_all(calls).await?;
            assert!(arrived.into_iter().all(|whole| whole));
            Ok::<_, tractor::Error>(())
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

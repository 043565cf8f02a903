//! Streams from a server.

use std::time::Instant;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use super::Plan;
use crate::payload::is_item;
use crate::peer::Peer;
use crate::sample::{Metric, Sample};

/// How many streams there are when there are many.
const STREAMS: u32 = 1_000;

/// One stream of numbers.
pub(super) async fn numbers<P: Peer>(plan: &Plan) -> Result<Sample> {
    P::scope(1, async |peers| {
        let time = plan.operation(async |count| {
            let begin = Instant::now();
            count_up(&peers[0], count).await?;
            Ok(begin.elapsed())
        });
        Ok([(Metric::Time, time.await?)].into())
    })
    .await
}

/// One stream of larger items.
pub(super) async fn items<P: Peer>(plan: &Plan) -> Result<Sample> {
    P::scope(1, async |peers| {
        let time = plan.operation(async |count| {
            let begin = Instant::now();
            let mut next = 0;
            let each = |item: &[u8]| {
                ensure!(is_item(item, next), "wrong answer: not item {next}");
                next += 1;
                Ok(())
            };
            peers[0].items(count, each).await?;
            ensure!(next == count, "wrong answer: {next} items of {count}");
            Ok(begin.elapsed())
        });
        Ok([(Metric::Time, time.await?)].into())
    })
    .await
}

/// Many streams of numbers over one link.
pub(super) async fn many<P: Peer>(plan: &Plan) -> Result<Sample> {
    P::scope(1, async |peers| {
        let time = plan.operation(async |count| {
            let begin = Instant::now();
            try_join_all((0..STREAMS).map(|_| count_up(&peers[0], count))).await?;
            Ok(begin.elapsed())
        });
        Ok([(Metric::Time, time.await? / f64::from(STREAMS))].into())
    })
    .await
}

async fn count_up<P: Peer>(peer: &P, count: u64) -> Result<()> {
    let mut next = 0;
    let each = |n| {
        ensure!(n == next, "wrong answer: {n} instead of {next}");
        next += 1;
        Ok(())
    };
    peer.numbers(count, each).await?;
    ensure!(next == count, "wrong answer: {next} numbers of {count}");
    Ok(())
}

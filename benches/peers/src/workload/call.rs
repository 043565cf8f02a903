//! Calls with a small argument.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::Plan;
use crate::peer::Peer;
use crate::sample::{Metric, Sample};

/// One call after the other.
pub(super) async fn sequential<P: Peer>(plan: &Plan) -> Result<Sample> {
    P::scope(1, async |peers| {
        let mut times = Vec::new();
        plan.operation(async |count| {
            times.clear();
            for n in 0..count {
                let begin = Instant::now();
                checked::<P>(&peers[0], n).await?;
                times.push(begin.elapsed());
            }
            Ok(times.iter().sum())
        })
        .await?;
        times.sort_unstable();
        Ok([
            (Metric::P50, percentile(&times, 50)),
            (Metric::P99, percentile(&times, 99)),
        ]
        .into())
    })
    .await
}

/// As many calls at a time to each of the servers.
pub(super) async fn in_flight<P: Peer>(
    plan: &Plan,
    servers: usize,
    calls: usize,
) -> Result<Sample> {
    P::scope(servers, async |peers| {
        // A batch has at least as many as can be in flight, or else they would not be.
        let batch = servers * calls;
        let time = plan.operation(async |batches| {
            let begin = Instant::now();
            let each = batches * calls as u64;
            try_join_all(peers.iter().map(|peer| many(peer, each, calls))).await?;
            Ok(begin.elapsed())
        });
        #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
        Ok([(Metric::Time, time.await? / batch as f64)].into())
    })
    .await
}

async fn many<P: Peer>(peer: &P, count: u64, calls: usize) -> Result<()> {
    let answers = stream::iter(0..count).map(|n| checked(peer, n));
    answers.buffer_unordered(calls).try_collect().await
}

async fn checked<P: Peer>(peer: &P, n: u64) -> Result<()> {
    let answer = peer.echo(n).await?;
    ensure!(answer == n, "wrong answer: {answer} instead of {n}");
    Ok(())
}

/// The nanoseconds that so many in a hundred of these sorted times do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted[rank.saturating_sub(1)].as_secs_f64() * 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_a_nearest_rank() {
        let times: Vec<_> = (1..=200).map(Duration::from_secs).collect();
        assert_eq!(percentile(&times, 50), 100e9);
        assert_eq!(percentile(&times, 99), 198e9);
        assert_eq!(percentile(&times[..1], 99), 1e9);
    }
}

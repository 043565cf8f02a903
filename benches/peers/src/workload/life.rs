//! The beginning and the end of processes.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use super::Plan;
use crate::peer::Peer;
use crate::sample::{Metric, Sample};

/// Starts processes, hears from each of them, and ends them, again and again.
pub(super) async fn sample<P: Peer>(plan: &Plan, count: usize) -> Result<Sample> {
    once::<P>(count).await?;
    let mut spawns = Vec::new();
    let mut teardowns = Vec::new();
    let begin = Instant::now();
    while spawns.is_empty() || begin.elapsed() < plan.busy {
        let (spawn, teardown) = once::<P>(count).await?;
        spawns.push(spawn);
        teardowns.push(teardown);
    }
    Ok([
        (Metric::Spawn, median(spawns)),
        (Metric::Teardown, median(teardowns)),
    ]
    .into())
}

async fn once<P: Peer>(count: usize) -> Result<(Duration, Duration)> {
    let begin = Instant::now();
    let scope = P::scope(count, async |peers| {
        let answers = try_join_all((0..).zip(peers).map(|(n, peer)| peer.echo(n))).await?;
        let right = answers.into_iter().eq(0..count as u64);
        ensure!(right, "wrong answer from one of {count} processes");
        Ok(Instant::now())
    });
    let answered = scope.await?;
    Ok((answered - begin, answered.elapsed()))
}

/// Nanoseconds that half of the times undercut.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e9
}

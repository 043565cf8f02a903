//! Processes that wait for something to do.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use super::Plan;
use crate::peer::Peer;
use crate::sample::{Metric, Sample};

/// From the last answer to when a fleet is taken to be idle.
const SETTLING: Duration = Duration::from_millis(200);

/// The memory of one process, once it has answered, and the processor time of all.
pub(super) async fn sample<P: Peer>(plan: &Plan, count: usize) -> Result<Sample> {
    P::scope(count, async |peers| {
        let answers = try_join_all((0..).zip(peers).map(|(n, peer)| peer.echo(n))).await?;
        ensure!(answers.into_iter().eq(0..count as u64), "wrong answer");
        let pids = try_join_all(peers.iter().map(P::pid)).await?;
        tokio::time::sleep(SETTLING).await;
        let begin = Instant::now();
        let before = processor_time(&pids)?;
        tokio::time::sleep(plan.idle).await;
        let busy = processor_time(&pids)?.saturating_sub(before);
        let cpu = 100.0 * busy.as_secs_f64() / begin.elapsed().as_secs_f64();
        Ok([
            (Metric::Cpu, cpu),
            (
                Metric::Private,
                memory(&pids, &["Private_Clean:", "Private_Dirty:"])?,
            ),
            (Metric::Pss, memory(&pids, &["Pss:"])?),
        ]
        .into())
    })
    .await
}

/// The time that the threads of processes have had a processor for, user's and system's.
///
/// `/proc/<pid>/stat` has it in ticks of 10 ms: what many processes waste together would not show.
fn processor_time(pids: &[u32]) -> Result<Duration> {
    let mut nanos = 0;
    for pid in pids {
        for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            let times = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let running = times.split(' ').next().unwrap_or_default();
            nanos += running.parse::<u64>()?;
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// The bytes that these fields of `smaps_rollup` add up to, in the median over the processes.
fn memory(pids: &[u32], fields: &[&str]) -> Result<f64> {
    let mut sizes = Vec::new();
    for pid in pids {
        let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let mut kib = 0;
        for line in rollup.lines() {
            if let Some(rest) = fields.iter().find_map(|field| line.strip_prefix(field)) {
                let number = rest.trim().split(' ').next().unwrap_or_default();
                kib += number.parse::<u32>()?;
            }
        }
        sizes.push(kib);
    }
    sizes.sort_unstable();
    Ok(f64::from(sizes[sizes.len() / 2]) * 1024.0)
}

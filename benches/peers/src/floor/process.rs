//! Processes that do nothing: what it costs to start, and to reap, one.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::sample::{Metric, Sample};
use crate::workload::{Plan, Workload};

/// Starts as many processes as the workload has, and waits for all of them.
///
/// It is the floor of a beginning and of an end, so that one time stands for both.
pub(crate) fn sample(command: &[&str], workload: Workload, plan: &Plan) -> Result<Sample> {
    let Workload::Life(count) = workload else {
        bail!("processes that do nothing only begin and end");
    };
    once(command, count)?;
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.is_empty() || begin.elapsed() < plan.busy {
        times.push(once(command, count)?);
    }
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64() * 1e9;
    Ok([(Metric::Spawn, median), (Metric::Teardown, median)].into())
}

fn once(command: &[&str], count: usize) -> Result<Duration> {
    let begin = Instant::now();
    let children: Result<Vec<_>> = (0..count).map(|_| start(command)).collect();
    for mut child in children? {
        ensure!(child.wait()?.success(), "wrong answer: not a success");
    }
    Ok(begin.elapsed())
}

fn start(command: &[&str]) -> Result<Child> {
    let (program, arguments) = command.split_first().context("a command has a program")?;
    let mut command = Command::new(program);
    command.args(arguments);
    #[expect(clippy::disallowed_methods, reason = "it is not an actor")]
    Ok(command.spawn()?)
}

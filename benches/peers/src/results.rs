//! All samples of a run.

use crate::contestant::{CONTESTANTS, Contestant};
use crate::sample::{Metric, Sample};
use crate::tournament::Entry;
use crate::workload::Workload;

/// The samples of all rounds.
#[derive(Default)]
pub(crate) struct Results {
    lines: Vec<Line>,
    failures: Vec<String>,
}

/// The values of one contestant, in one metric of one workload.
pub(crate) struct Line {
    pub(crate) contestant: &'static Contestant,
    pub(crate) workload: Workload,
    pub(crate) metric: Metric,
    /// One of each round, sorted.
    values: Vec<f64>,
}

impl Results {
    /// Adds what a trial has come to.
    pub(crate) fn push(&mut self, entry: Entry, outcome: anyhow::Result<Sample>) {
        let Entry {
            contestant,
            workload,
        } = entry;
        match outcome {
            Ok(sample) => {
                for (metric, value) in sample {
                    self.line(contestant, workload, metric).push(value);
                }
            }
            Err(error) => {
                let failure = format!("{}, {}: {error:#}", workload.name(), contestant.name);
                eprintln!("{failure}");
                self.failures.push(failure);
            }
        }
    }

    fn line(
        &mut self,
        contestant: &'static Contestant,
        workload: Workload,
        metric: Metric,
    ) -> &mut Line {
        let index = self.position(contestant.name, workload, metric);
        let index = index.unwrap_or_else(|| {
            self.lines.push(Line {
                contestant,
                workload,
                metric,
                values: Vec::new(),
            });
            self.lines.len() - 1
        });
        &mut self.lines[index]
    }

    fn position(&self, contestant: &str, workload: Workload, metric: Metric) -> Option<usize> {
        self.lines.iter().position(|line| {
            line.contestant.name == contestant && line.workload == workload && line.metric == metric
        })
    }

    /// The values of one contestant, if it has any.
    pub(crate) fn get(
        &self,
        contestant: &str,
        workload: Workload,
        metric: Metric,
    ) -> Option<&Line> {
        let index = self.position(contestant, workload, metric)?;
        Some(&self.lines[index])
    }

    /// The values of all contestants, in their order.
    pub(crate) fn of(&self, workload: Workload, metric: Metric) -> Vec<&Line> {
        let lines = CONTESTANTS.iter();
        lines
            .filter_map(|contestant| self.get(contestant.name, workload, metric))
            .collect()
    }

    /// The metrics that anybody has values in.
    pub(crate) fn metrics(&self, workload: Workload) -> Vec<Metric> {
        let lines = self.lines.iter().filter(|line| line.workload == workload);
        let mut metrics: Vec<_> = lines.map(|line| line.metric).collect();
        metrics.sort_unstable();
        metrics.dedup();
        metrics
    }

    /// How a contestant's median compares with the one that the workload is compared with.
    pub(crate) fn ratio(&self, line: &Line) -> Option<f64> {
        let base = self.get(line.workload.baseline(), line.workload, line.metric)?;
        (base.median() > 0.0).then(|| line.median() / base.median())
    }

    /// What went wrong.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }
}

impl Line {
    fn push(&mut self, value: f64) {
        let place = self.values.partition_point(|&other| other < value);
        self.values.insert(place, value);
    }

    /// The values, sorted.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The middle one, or the mean of the two in the middle.
    pub(crate) fn median(&self) -> f64 {
        let middle = self.values.len() / 2;
        f64::midpoint(
            self.values[middle],
            self.values[(self.values.len() - 1) / 2],
        )
    }

    /// The least of them.
    pub(crate) fn least(&self) -> f64 {
        self.values[0]
    }

    /// The most of them.
    pub(crate) fn most(&self) -> f64 {
        self.values[self.values.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_in_the_middle() {
        let mut results = Results::default();
        let entry = Entry {
            contestant: &CONTESTANTS[0],
            workload: Workload::Numbers,
        };
        for (value, median) in [(4.0, 4.0), (1.0, 2.5), (2.0, 2.0)] {
            results.push(entry, Ok([(Metric::Time, value)].into()));
            let line = results.of(Workload::Numbers, Metric::Time)[0];
            assert_eq!(line.median(), median);
        }
    }
}

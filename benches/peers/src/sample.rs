//! What one process has measured: one contestant, one workload, one round.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is measured of a workload; all of them are better when they are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    /// Nanoseconds of an operation: the time of many, divided by their number.
    Time,
    /// Nanoseconds that half of the operations undercut.
    P50,
    /// Nanoseconds that all but one in a hundred operations undercut.
    P99,
    /// Nanoseconds from the first spawn to the last answer.
    Spawn,
    /// Nanoseconds from the wish to the reaping of the last process.
    Teardown,
    /// Bytes that belong to one process alone, in the median over the processes.
    Private,
    /// Bytes of one process if shared ones are divided by their sharers.
    Pss,
    /// How much of one core all processes together use, in percent.
    Cpu,
}

impl Metric {
    /// What stands in front of its values.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::Spawn => "spawn to first answer",
            Self::Teardown => "teardown",
            Self::Private => "private memory",
            Self::Pss => "PSS",
            Self::Cpu => "CPU",
        }
    }

    /// A value with its unit.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Private | Self::Pss => format!("{:.2} MiB", value / f64::from(1 << 20)),
            Self::Cpu => format!("{value:.3} %"),
            _ => match value {
                ..1e3 => format!("{value:.1} ns"),
                ..1e6 => format!("{:.2} µs", value / 1e3),
                ..1e9 => format!("{:.2} ms", value / 1e6),
                _ => format!("{:.2} s", value / 1e9),
            },
        }
    }
}

/// The values of one contestant in one round of one workload.
pub(crate) type Sample = BTreeMap<Metric, f64>;

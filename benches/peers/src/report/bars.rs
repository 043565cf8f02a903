//! What tractor is to reach.

use crate::results::Results;
use crate::sample::Metric;
use crate::workload::Workload;

const UNIX: &str = "tractor-unix";
const SHARED_MEMORY: &str = "tractor-shared-memory";
const MIB: usize = 1 << 20;

/// A figure that has to be at most something.
pub(super) struct Bar {
    /// What is asked for.
    pub(super) text: &'static str,
    figure: Figure,
    /// What the figure has to be at most.
    pub(super) limit: f64,
}

/// How a bar is measured.
enum Figure {
    /// One contestant's median divided by another's.
    Ratio {
        workload: Workload,
        metric: Metric,
        of: &'static str,
        to: &'static str,
    },
    /// One contestant's median when it is idle, in a unit.
    Idle {
        metric: Metric,
        of: &'static str,
        unit: f64,
    },
    /// Not by this program.
    Elsewhere,
}

/// All of them.
pub(super) const ALL: &[Bar] = &[
    ratio(
        "sequential call, Unix socket: at most 1.2 × a bare tokio ping-pong",
        (Workload::Sequential, Metric::P50, UNIX, "tokio"),
        1.2,
    ),
    ratio(
        "the same, each of both pinned to two cores",
        (
            Workload::Sequential,
            Metric::P50,
            "tractor-unix-apart",
            "tokio-apart",
        ),
        1.2,
    ),
    ratio(
        "the same, each of both pinned to one core",
        (
            Workload::Sequential,
            Metric::P50,
            "tractor-unix-together",
            "tokio-together",
        ),
        1.2,
    ),
    ratio(
        "sequential call, shared memory: at most 1/20 of a bare tokio ping-pong",
        (Workload::Sequential, Metric::P50, SHARED_MEMORY, "tokio"),
        1.0 / 20.0,
    ),
    ratio(
        "the same, both pinned to two cores",
        (
            Workload::Sequential,
            Metric::P50,
            "tractor-shared-memory-apart",
            "tokio-apart",
        ),
        1.0 / 20.0,
    ),
    ratio(
        "64 in flight, Unix socket: at most 1/4 of tarpc's time",
        (Workload::InFlight(64), Metric::Time, UNIX, "tarpc"),
        1.0 / 4.0,
    ),
    ratio(
        "64 in flight, shared memory: at most 1/10 of tarpc's time",
        (Workload::InFlight(64), Metric::Time, SHARED_MEMORY, "tarpc"),
        1.0 / 10.0,
    ),
    ratio(
        "stream of `u64`, Unix socket: at most 1/10 of remoc's time",
        (Workload::Numbers, Metric::Time, UNIX, "remoc"),
        1.0 / 10.0,
    ),
    ratio(
        "stream of `u64`, shared memory: at most 1/10 of remoc's time",
        (Workload::Numbers, Metric::Time, SHARED_MEMORY, "remoc"),
        1.0 / 10.0,
    ),
    ratio(
        "stream of `u64`, Unix socket: at most 2 × encoding and decoding in memory",
        (Workload::Numbers, Metric::Time, UNIX, "memory"),
        2.0,
    ),
    ratio(
        "stream of `u64`, shared memory: at most 2 × encoding and decoding in memory",
        (Workload::Numbers, Metric::Time, SHARED_MEMORY, "memory"),
        2.0,
    ),
    ratio(
        "1 MiB of `Bytes`, Unix socket: at most 1.15 × a bare tokio socket",
        (Workload::Bytes(MIB), Metric::Time, UNIX, "tokio"),
        1.15,
    ),
    ratio(
        "1 MiB of `Bytes`, shared memory: at most 1/2 of a bare tokio socket",
        (Workload::Bytes(MIB), Metric::Time, SHARED_MEMORY, "tokio"),
        1.0 / 2.0,
    ),
    ratio(
        "16 actors, Unix socket, spawn to first answer: at most 2 × as many no-op processes",
        (Workload::Life(16), Metric::Spawn, UNIX, "no-op"),
        2.0,
    ),
    ratio(
        "16 actors, Unix socket, graceful teardown: at most 1 × as many no-op processes",
        (Workload::Life(16), Metric::Teardown, UNIX, "no-op"),
        1.0,
    ),
    ratio(
        "16 actors, shared memory, spawn to first answer: at most 2 × as many no-op processes",
        (Workload::Life(16), Metric::Spawn, SHARED_MEMORY, "no-op"),
        2.0,
    ),
    ratio(
        "16 actors, shared memory, graceful teardown: at most 1 × as many no-op processes",
        (Workload::Life(16), Metric::Teardown, SHARED_MEMORY, "no-op"),
        1.0,
    ),
    ratio(
        "8 workers: shared memory never slower than the Unix socket",
        (Workload::Workers(8), Metric::Time, SHARED_MEMORY, UNIX),
        1.0,
    ),
    idle(
        "idle fleet of 16, Unix socket: 0.0 % CPU",
        (UNIX, Metric::Cpu, 1.0),
        0.05,
    ),
    idle(
        "idle actor, Unix socket: at most 3 MiB of private memory",
        (UNIX, Metric::Private, MIB as f64),
        3.0,
    ),
    idle(
        "idle fleet of 16, shared memory: 0.0 % CPU",
        (SHARED_MEMORY, Metric::Cpu, 1.0),
        0.05,
    ),
    idle(
        "idle actor, shared memory: at most 3 MiB of private memory",
        (SHARED_MEMORY, Metric::Private, MIB as f64),
        3.0,
    ),
    Bar {
        text: "cold build of hello-world: not slower than with tarpc `full`",
        figure: Figure::Elsewhere,
        limit: 1.0,
    },
];

const fn ratio(
    text: &'static str,
    (workload, metric, of, to): (Workload, Metric, &'static str, &'static str),
    limit: f64,
) -> Bar {
    let figure = Figure::Ratio {
        workload,
        metric,
        of,
        to,
    };
    Bar {
        text,
        figure,
        limit,
    }
}

const fn idle(
    text: &'static str,
    (of, metric, unit): (&'static str, Metric, f64),
    limit: f64,
) -> Bar {
    let figure = Figure::Idle { metric, of, unit };
    Bar {
        text,
        figure,
        limit,
    }
}

impl Bar {
    /// The figure, if everything that it needs has been measured.
    pub(super) fn measure(&self, results: &Results) -> Option<f64> {
        let median = |of, workload, metric| Some(results.get(of, workload, metric)?.median());
        match self.figure {
            Figure::Ratio {
                workload,
                metric,
                of,
                to,
            } => Some(median(of, workload, metric)? / median(to, workload, metric)?),
            Figure::Idle { metric, of, unit } => Some(median(of, Workload::Idle, metric)? / unit),
            Figure::Elsewhere => None,
        }
    }

    /// Whether the figure is small enough.
    pub(super) fn is_met(&self, results: &Results) -> Option<bool> {
        self.measure(results).map(|figure| figure <= self.limit)
    }
}

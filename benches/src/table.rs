//! The times of all workloads in all rounds, as a table.

use std::time::Duration;

/// The workloads of a benchmark, and what each is compared with.
#[derive(Debug)]
pub struct Table {
    workloads: Vec<Workload>,
}

/// One line of the table: what all operations of a round have taken, in each round.
#[derive(Debug)]
struct Workload {
    name: &'static str,
    operations: u32,
    floor: Option<usize>,
    times: Vec<Duration>,
}

impl Table {
    /// Says of every workload its name, how many operations it does in a round, and the line of
    /// the one that it is compared with.
    #[must_use]
    pub fn new(lines: &[(&'static str, u32, Option<usize>)]) -> Self {
        let workload = |&(name, operations, floor)| Workload {
            name,
            operations,
            floor,
            times: Vec::new(),
        };
        Self {
            workloads: lines.iter().map(workload).collect(),
        }
    }

    /// Notes what the operations of a workload have taken in this round.
    pub fn push(&mut self, line: usize, time: Duration) {
        self.workloads[line].times.push(time);
    }

    /// Prints the table, once every workload has been measured.
    pub fn print(mut self) {
        for workload in &mut self.workloads {
            workload.times.sort_unstable();
        }
        println!(
            "{:<34} {:>10} {:>10} {:>10} {:>7}",
            "", "min", "median", "max", "ratio"
        );
        for workload in &self.workloads {
            let ratio = workload.floor.map_or_else(String::new, |floor| {
                format!("{:.2}", workload.median() / self.workloads[floor].median())
            });
            println!(
                "{:<34} {:>10} {:>10} {:>10} {ratio:>7}",
                workload.name,
                readable(workload.nanos(0)),
                readable(workload.median()),
                readable(workload.nanos(workload.times.len() - 1)),
            );
        }
    }
}

impl Workload {
    fn median(&self) -> f64 {
        self.nanos(self.times.len() / 2)
    }

    /// What one operation has taken. A `Duration` would round it to whole nanoseconds.
    fn nanos(&self, round: usize) -> f64 {
        self.times[round].as_secs_f64() * 1e9 / f64::from(self.operations)
    }
}

fn readable(nanos: f64) -> String {
    match nanos {
        ..1e3 => format!("{nanos:.1} ns"),
        ..1e6 => format!("{:.2} µs", nanos / 1e3),
        _ => format!("{:.2} ms", nanos / 1e6),
    }
}

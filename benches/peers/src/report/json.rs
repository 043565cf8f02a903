//! The report for programs.

use serde_json::{Value, json};

use super::{Report, bars};
use crate::workload::Workload;

/// Everything: circumstances, all values of all rounds, bars and failures.
pub(super) fn render(report: &Report<'_>) -> Value {
    let Report {
        results,
        settings,
        machine,
    } = report;
    let mut lines = Vec::new();
    for workload in Workload::all() {
        for metric in results.metrics(workload) {
            for line in results.of(workload, metric) {
                lines.push(json!({
                    "workload": workload.name(),
                    "metric": metric,
                    "contestant": line.contestant.name,
                    "median": line.median(),
                    "min": line.least(),
                    "max": line.most(),
                    "values": line.values(),
                    "baseline": workload.baseline(),
                    "ratio": results.ratio(line),
                }));
            }
        }
    }
    let bars = bars::ALL.iter().map(|bar| {
        json!({
            "bar": bar.text,
            "limit": bar.limit,
            "measured": bar.measure(results),
            "met": bar.is_met(results),
        })
    });
    let crates: serde_json::Map<_, _> = machine
        .crates()
        .map(|(name, version)| (name.to_owned(), version.into()))
        .collect();
    json!({
        "date": machine.date,
        "machine": {
            "processor": machine.processor,
            "cores": machine.cores,
            "memory": machine.memory,
            "kernel": machine.kernel,
        },
        "compiler": machine.compiler,
        "command": machine.command,
        "revision": machine.revision,
        "crates": crates,
        "rounds": settings.rounds,
        "quick": settings.quick,
        "units": "nanoseconds, bytes, percent of one core",
        "lines": lines,
        "bars": bars.collect::<Vec<_>>(),
        "failures": results.failures(),
    })
}

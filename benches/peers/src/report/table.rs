//! All results as lines of text.

use std::fmt::Write;

use super::show_ratio;
use crate::results::Results;
use crate::workload::Workload;

/// One paragraph for every metric of every workload.
pub(super) fn render(results: &Results) -> String {
    let mut text = String::new();
    for workload in Workload::all() {
        for metric in results.metrics(workload) {
            let heading = format!("{}: {}", workload.title(), metric.title());
            let columns = ("median", "min", "max", format!("× {}", workload.baseline()));
            let (median, min, max, ratio) = columns;
            push(&mut text, [&heading, median, min, max, &ratio]);
            for line in results.of(workload, metric) {
                let show = |value| metric.show(value);
                let ratio = results.ratio(line);
                let cells = [
                    format!("  {}", line.contestant.title),
                    show(line.median()),
                    show(line.least()),
                    show(line.most()),
                    ratio.map_or_else(String::new, show_ratio),
                ];
                push(&mut text, cells.each_ref().map(String::as_str));
            }
            text.push('\n');
        }
    }
    text
}

fn push(text: &mut String, [name, median, min, max, ratio]: [&str; 5]) {
    let line = format!("{name:<52} {median:>10} {min:>10} {max:>10} {ratio:>12}");
    writeln!(text, "{}", line.trim_end()).expect("a string takes everything");
}

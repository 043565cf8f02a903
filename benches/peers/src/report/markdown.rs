//! The report for people.

use std::fmt::Write;

use super::plot::Plot;
use super::{Report, bars, show_ratio, table};
use crate::contestant::CONTESTANTS;
use crate::results::Results;
use crate::sample::Metric;
use crate::workload::{Group, Workload};

/// The sections with a table, and what they show.
const SECTIONS: &[(&str, &[Group])] = &[
    ("Sequential calls", &[Group::Sequential]),
    ("Calls in flight, time of one", &[Group::InFlight]),
    (
        "One caller and several servers, 16 calls in flight to each, time of one",
        &[Group::Workers],
    ),
    ("Calls with `Bytes`", &[Group::Bytes]),
    ("Calls with a `Vec<Struct>`", &[Group::Rows]),
    (
        "Streams, time of an item",
        &[Group::Numbers, Group::Items, Group::ManyStreams],
    ),
    ("Beginning and end of processes", &[Group::Life]),
    ("16 idle processes", &[Group::Idle]),
];

/// The whole report; it shows `plots`, which stand beside it.
pub(super) fn render(report: &Report<'_>, plots: &[Plot]) -> String {
    let mut text = String::from("# tractor and others, measured\n\n");
    circumstances(&mut text, report);
    text += "\n## Bars\n\nRatios are of times, so that less is better.\n\n";
    bars_met(&mut text, report.results);
    for (title, groups) in SECTIONS {
        section(&mut text, report.results, title, groups);
    }
    if !plots.is_empty() {
        text += "\n## Plots\n\n";
        for Plot { file, title } in plots {
            say(&mut text, format_args!("![{title}]({file})\n"));
        }
    }
    text += "\n## Who takes part\n\n";
    for contestant in CONTESTANTS {
        say(
            &mut text,
            format_args!("- {}: {}.", contestant.title, contestant.how),
        );
    }
    if !report.results.failures().is_empty() {
        text += "\n## Failures\n\n";
        for failure in report.results.failures() {
            say(&mut text, format_args!("- {}", failure.replace('\n', " ")));
        }
    }
    let table = table::render(report.results);
    say(
        &mut text,
        format_args!("\n## With spread\n\n```text\n{table}```"),
    );
    text
}

fn circumstances(text: &mut String, report: &Report<'_>) {
    let machine = &report.machine;
    let crates = machine
        .crates()
        .map(|(name, version)| format!("{name} {version}"));
    let rounds = report.settings.rounds;
    let quick = if report.settings.quick {
        "; **measured briefly, to see that everything runs: not to be quoted**"
    } else {
        ""
    };
    for (key, value) in [
        ("date", &machine.date),
        (
            "processor",
            &format!("{}, {} cores", machine.processor, machine.cores),
        ),
        ("memory", &machine.memory),
        ("kernel", &machine.kernel),
        ("compiler", &machine.compiler.to_owned()),
        ("revision", &machine.revision),
        ("command", &format!("`{}`", machine.command)),
        ("crates", &crates.collect::<Vec<_>>().join(", ")),
        ("rounds", &format!("{rounds}, interleaved; medians{quick}")),
    ] {
        say(text, format_args!("- {key}: {value}"));
    }
    *text += "\nEvery answer, item and payload is checked while it is measured. \
        Every sample comes from a fresh pair of processes, after a warm-up. \
        Behind a value stands its ratio to that of the contestant whom the head of the column names.\n";
}

fn bars_met(text: &mut String, results: &Results) {
    *text += "| bar | at most | measured | |\n|---|---|---|---|\n";
    for bar in bars::ALL {
        let measured = bar.measure(results);
        let measured = measured.map_or_else(|| "–".into(), show_ratio);
        let limit = show_ratio(bar.limit);
        let met = match bar.is_met(results) {
            Some(true) => "met",
            Some(false) => "**not met**",
            None => "not measured here",
        };
        say(
            text,
            format_args!("| {} | {limit} | {measured} | {met} |", bar.text),
        );
    }
}

fn section(text: &mut String, results: &Results, title: &str, groups: &[Group]) {
    let workloads = Workload::all().into_iter();
    let workloads = workloads.filter(|workload| groups.contains(&workload.group()));
    let columns: Vec<(Workload, Metric)> = workloads
        .flat_map(|workload| {
            let metrics = results.metrics(workload).into_iter();
            metrics.map(move |metric| (workload, metric))
        })
        .collect();
    if columns.is_empty() {
        return;
    }
    say(text, format_args!("\n## {title}\n"));
    let heads = columns.iter().map(|(workload, metric)| {
        let (name, base) = (workload.name(), workload.baseline());
        match metric {
            Metric::Time => format!("{name} (× {base})"),
            _ => format!("{name}, {} (× {base})", metric.title()),
        }
    });
    say(
        text,
        format_args!("| | {} |", heads.collect::<Vec<_>>().join(" | ")),
    );
    say(text, format_args!("|---|{}", "---:|".repeat(columns.len())));
    for contestant in CONTESTANTS {
        let cells = columns.iter().map(|&(workload, metric)| {
            let line = results.get(contestant.name, workload, metric)?;
            let ratio = results.ratio(line);
            let ratio = ratio.map_or_else(String::new, |ratio| format!(" ({})", show_ratio(ratio)));
            Some(metric.show(line.median()) + &ratio)
        });
        let cells: Vec<_> = cells.collect();
        if cells.iter().any(Option::is_some) {
            let cells: Vec<_> = cells.into_iter().map(Option::unwrap_or_default).collect();
            say(
                text,
                format_args!("| {} | {} |", contestant.title, cells.join(" | ")),
            );
        }
    }
}

fn say(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes everything");
}

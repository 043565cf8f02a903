//! tractor beside bare sockets and other crates: `cargo run --release --manifest-path
//! benches/peers/Cargo.toml`.
//!
//! Every workload is done by every contestant that can do it, once a round; a round goes through
//! all workloads and, within each, through all contestants, so that whatever else the machine does
//! hits all of them. Every sample is taken by a fresh process, which starts the servers it needs,
//! warms up, measures and ends them.
//!
//! Read the ratios, not the absolute times.

mod answer;
mod args;
mod check;
mod contestant;
mod cores;
mod floor;
mod payload;
mod peer;
mod report;
mod results;
mod sample;
mod tournament;
mod trial;
mod workload;

use std::io::{Write, stdout};

use anyhow::{Result, ensure};

use crate::args::{Args, USAGE};
use crate::report::Report;

fn main() -> Result<()> {
    match args::parse(std::env::args().skip(1))? {
        Args::NoOp => Ok(()),
        Args::Help => {
            println!("{USAGE}");
            Ok(())
        }
        Args::Serve { name, meeting } => contestant::serve(&name, meeting),
        Args::Sample { entry, plan } => {
            let sample = entry.contestant.sample(entry.workload, &plan)?;
            println!("{}", serde_json::to_string(&sample)?);
            Ok(())
        }
        Args::Check { only } => check::run(&only),
        Args::Compete { settings, out } => {
            let results = tournament::run(&settings);
            let report = Report::new(&results, &settings);
            report.write(&out)?;
            let (table, place) = (report.table(), out.join("report.md"));
            writeln!(stdout(), "{table}the report is {}", place.display())?;
            let failures = results.failures();
            ensure!(failures.is_empty(), "{} samples failed", failures.len());
            Ok(())
        }
    }
}

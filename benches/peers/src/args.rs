//! The command line.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::contestant::Contestant;
use crate::tournament::{Entry, Only, Settings};
use crate::workload::{Plan, Workload};

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
Compares tractor with bare sockets and other crates.

  --rounds N    measures everything N times (5; with --quick, 1)
  --quick       measures briefly, to see that everything runs
  --only NAME   does only the workloads and contestants whose name begins with NAME;
                more than once: any of them
  --out DIR     writes report.md, report.json and the plots there (benches/peers/report)
  --check       measures nothing, but shows of everything that a wrong answer is found out";

/// What this process is to do.
pub(crate) enum Args {
    /// Compare, and report.
    Compete { settings: Settings, out: PathBuf },
    /// Show that wrong answers are found out.
    Check { only: Only },
    /// Take one sample.
    Sample { entry: Entry, plan: Plan },
    /// Be the server of a peer.
    Serve {
        name: String,
        meeting: Option<String>,
    },
    /// Do nothing.
    NoOp,
    /// Explain all this.
    Help,
}

/// Reads what follows the program's name.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Args> {
    let mut args = args.peekable();
    match args.peek().map(String::as_str) {
        Some("no-op") => Ok(Args::NoOp),
        Some("serve") => parse_serve(args.skip(1)),
        Some("sample") => parse_sample(args.skip(1)),
        _ => parse_options(args),
    }
}

fn parse_serve(mut args: impl Iterator<Item = String>) -> Result<Args> {
    Ok(Args::Serve {
        name: args.next().context("serve whom?")?,
        meeting: args.next(),
    })
}

fn parse_sample(mut args: impl Iterator<Item = String>) -> Result<Args> {
    let contestant = args.next().context("a sample of whom?")?;
    let workload = args.next().context("a sample of what?")?;
    let entry = Entry {
        contestant: Contestant::named(&contestant)
            .with_context(|| format!("there is no contestant `{contestant}`"))?,
        workload: Workload::named(&workload)
            .with_context(|| format!("there is no workload `{workload}`"))?,
    };
    let plan = match args.next().as_deref() {
        Some("--quick") => Plan::QUICK,
        _ => Plan::THOROUGH,
    };
    Ok(Args::Sample { entry, plan })
}

fn parse_options(mut args: impl Iterator<Item = String>) -> Result<Args> {
    let mut rounds = None;
    let mut quick = false;
    let mut check = false;
    let mut only = Only::default();
    let mut out = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("report");
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} what?"));
        match arg.as_str() {
            "--rounds" => rounds = Some(value()?.parse().context("how many --rounds?")?),
            "--only" => only.add(value()?)?,
            "--out" => out = value()?.into(),
            "--quick" => quick = true,
            "--check" => check = true,
            "--help" | "-h" => return Ok(Args::Help),
            _ => bail!("unknown argument `{arg}`\n\n{USAGE}"),
        }
    }
    if check {
        return Ok(Args::Check { only });
    }
    let rounds = rounds.unwrap_or(if quick { 1 } else { 5 });
    if rounds == 0 {
        bail!("--rounds has to be at least 1");
    }
    let settings = Settings {
        rounds,
        quick,
        only,
    };
    Ok(Args::Compete { settings, out })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Args> {
        parse(args.iter().map(ToString::to_string))
    }

    #[test]
    fn options_are_read() {
        let args = [
            "--quick", "--only", "tarpc", "--out", "there", "--rounds", "3",
        ];
        let Ok(Args::Compete { settings, out }) = parsed(&args) else {
            panic!("it is a competition");
        };
        assert!(settings.quick);
        assert_eq!(settings.rounds, 3);
        assert_eq!(out, PathBuf::from("there"));
    }

    #[test]
    fn typing_errors_are_refused() {
        for args in [
            &["--round", "3"][..],
            &["--rounds", "0"],
            &["--only", "tarp c"],
        ] {
            assert!(parsed(args).is_err(), "{args:?}");
        }
    }
}

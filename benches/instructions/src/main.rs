//! Counts the instructions of what a call does in user space, with callgrind: the same each time,
//! however busy the machine is.
//!
//! ```console
//! $ cd benches/instructions && cargo run --release
//! ```
//!
//! It compares with `benches/measured/instructions.txt`, and fails when something has become dearer by
//! more than a twentieth; `-- --save` writes that file anew. Another compiler counts differently.

use std::fmt::Write;
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use tractor::measuring::{calls, decode, encode};

/// What is counted, and what does it so many times.
const COUNTED: [(&str, fn(u64)); 5] = [
    ("encode", encode),
    ("decode", decode),
    ("call-1", |count| calls(count, 1)),
    ("call-8", |count| calls(count, 8)),
    ("call-64", |count| calls(count, 64)),
];

/// Each is counted with so many operations, and with twice as many: the difference knows nothing of the
/// beginning and the end of a process.
const COUNT: u64 = 10_000;

const MEASURED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../measured/instructions.txt");

/// What may have become dearer without a word.
const TOLERANCE: f64 = 1.05;

fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        ["--save"] => save(),
        ["--run", name, count] => run(name, count.parse()?),
        other => bail!("{other:?} is no argument: nothing, or `--save`"),
    }
}

/// Does what callgrind counts.
fn run(name: &str, count: u64) -> Result<ExitCode> {
    let counted = COUNTED.iter().find(|(known, _)| *known == name);
    let (_, operation) = counted.with_context(|| format!("nothing is called {name}"))?;
    operation(count);
    Ok(ExitCode::SUCCESS)
}

fn save() -> Result<ExitCode> {
    let mut text = String::new();
    for (name, _) in COUNTED {
        let line = format!("{name} {:.0}\n", of_one(name)?);
        print!("{line}");
        text.push_str(&line);
    }
    fs::write(MEASURED, text).with_context(|| format!("cannot write {MEASURED}"))?;
    Ok(ExitCode::SUCCESS)
}

fn compare() -> Result<ExitCode> {
    let measured = fs::read_to_string(MEASURED).with_context(|| format!("cannot read {MEASURED}"))?;
    println!("{:12} {:>12} {:>12} {:>8}", "", "instructions", "before", "ratio");
    let mut dearer = String::new();
    for (name, _) in COUNTED {
        let line = measured.lines().find_map(|line| line.strip_prefix(name));
        let before = line.with_context(|| format!("{MEASURED} does not tell of {name}"))?;
        let before: f64 = before.trim().parse()?;
        let now = of_one(name)?;
        println!("{name:12} {now:12.0} {before:12.0} {:8.3}", now / before);
        if now / before > TOLERANCE {
            write!(dearer, " {name}")?;
        }
    }
    if dearer.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("dearer than before:{dearer}");
    Ok(ExitCode::FAILURE)
}

/// The instructions of one operation.
#[expect(clippy::cast_precision_loss, reason = "they are not so many")]
fn of_one(name: &str) -> Result<f64> {
    let more = instructions(name, 2 * COUNT)? - instructions(name, COUNT)?;
    Ok(more as f64 / COUNT as f64)
}

/// All that a process executes that does `name` so many times.
#[expect(clippy::disallowed_methods, reason = "it is not an actor")]
fn instructions(name: &str, count: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["--run", name, &count.to_string()])
        .output()
        .context("cannot start valgrind, which this needs: `apt-get install valgrind`")?;
    let report = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed:\n{report}");
    let collected = report.lines().find_map(|line| line.split_once("Collected : "));
    let (_, number) = collected.with_context(|| format!("callgrind counted nothing:\n{report}"))?;
    Ok(number.trim().parse()?)
}

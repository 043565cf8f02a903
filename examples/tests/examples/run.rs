//! A run of an example to its end.

use std::ffi::OsStr;
use std::process::Output;

use crate::prepared::Prepared;

/// Runs an example to its end.
#[expect(clippy::disallowed_methods, reason = "an example is no actor")]
pub(crate) fn run(example: &str, args: &[&OsStr]) -> Output {
    let mut prepared = Prepared::new(example, args);
    let output = prepared.command.output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {example}: {error}"));
    prepared.assert_nothing_left();
    output
}

/// The lines on stdout of an example that must succeed and say nothing on stderr.
pub(crate) fn lines_of(example: &str) -> Vec<String> {
    let output = run(example, &[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""));
    let stdout = String::from_utf8(output.stdout).expect("the output is UTF-8");
    stdout.lines().map(str::to_owned).collect()
}

/// `root.bank[4242]` as `root.bank[pid]`.
pub(crate) fn without_pid(line: &str) -> String {
    match line.split_once('[') {
        Some((before, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}[pid{after}")
        }
        _ => line.to_owned(),
    }
}

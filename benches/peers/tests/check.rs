//! That wrong answers are found out, at least those of a few contestants; `--check` is for all.

use std::process::Command;

/// Runs the program, and returns whether it succeeds and what it writes.
fn peers(args: &[&str], liar: bool) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peers"));
    command.args(args);
    if liar {
        command.env("PEERS_LIAR", "1");
    }
    let output = command.output().expect("it is there");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("it writes text");
    (output.status.success(), text)
}

#[test]
fn right_answers_are_accepted_and_wrong_ones_refused() {
    let (success, text) = peers(
        &["--check", "--only", "stream-", "--only", "tractor"],
        false,
    );
    assert!(success, "{text}");
}

#[test]
fn lying_servers_fail_the_run() {
    let directory = env!("CARGO_TARGET_TMPDIR");
    let args = ["--quick", "--only", "in-flight-8", "--out", directory];
    let (success, text) = peers(&args, true);
    assert!(!success && text.contains("wrong answer"), "{text}");
}

//! A tree that runs, inspected by the command.

use nix::sys::signal::Signal;
use tests::fixture::{Ended, Fixture, Running};
use tractor::ActorSnapshot;

pub(crate) const COMMAND: &str = env!("CARGO_BIN_EXE_command");

pub(crate) fn start(how: &str) -> Running {
    let running = inspected(how).start();
    running.line("up");
    running
}

pub(crate) fn inspected(how: &str) -> Fixture {
    Fixture::new(env!("CARGO_BIN_EXE_inspected")).arg(how)
}

/// What the command says with these arguments.
fn command(args: &[&str]) -> Ended {
    let command = args.iter().fold(Fixture::new(COMMAND), Fixture::arg);
    command.run()
}

pub(crate) fn shown(args: &[&str]) -> String {
    let ended = command(args);
    ended.assert_code(0);
    assert!(ended.stderr.is_empty(), "{}", ended.text());
    ended.stdout.join("\n")
}

pub(crate) fn refused(args: &[&str]) -> String {
    let ended = command(args);
    ended.assert_code(1);
    assert!(ended.stdout.is_empty(), "{}", ended.text());
    ended.stderr.join("\n")
}

/// The tree, as data.
pub(crate) fn seen(pid: u32) -> ActorSnapshot {
    let text = shown(&["dump", "--json", "--timeout", "20", &pid.to_string()]);
    serde_json::from_str(&text).expect("it is JSON of a tree")
}

pub(crate) fn end(running: Running) {
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}

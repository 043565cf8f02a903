//! Roots whose only job is to hold a tree until a signal ends it.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::fixture::{Fixture, Running};
use tests::wait_until;

fn start(arguments: &[&str]) -> Running {
    let mut fixture = Fixture::new(env!("CARGO_BIN_EXE_daemon")).env("TRACTOR_LOG", "info");
    for argument in arguments {
        fixture = fixture.arg(argument);
    }
    let running = fixture.start();
    running.lines("serving ", 2);
    running
}

fn kill_actor(pid: &str) {
    let pid = pid.parse().expect("the fixture prints pids");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("the actor is not reaped yet");
}

#[test]
fn signal_ends_a_daemon_with_success() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let running = start(&["never"]);
        running.line("up");
        running.signal(signal);
        let ended = running.finish();
        ended.assert_code(0);
        let cancelled = ended
            .stdout
            .iter()
            .filter(|line| line.starts_with("cancelled"));
        assert_eq!(cancelled.count(), 2, "{}", ended.text());
        // To wait for its actors is what it is there for.
        assert!(!ended.text().contains("a scope waits"), "{}", ended.text());
    }
}

/// As a service manager does that signals every process of a service.
#[test]
fn signal_to_every_process_is_a_success_too() {
    for _ in 0..5 {
        let running = start(&["never"]);
        running.signal_group(Signal::SIGTERM);
        running.finish().assert_code(0);
    }
}

#[test]
fn death_of_an_actor_fails_the_daemon() {
    let running = start(&["never"]);
    kill_actor(&running.line("serving "));
    let ended = running.finish();
    ended.assert_code(1);
    assert!(
        ended.text().contains("was killed by SIGKILL"),
        "{}",
        ended.text()
    );
}

#[test]
fn dead_actor_of_a_supervised_daemon_is_restarted() {
    let running = start(&["one-for-one"]);
    kill_actor(&running.line("serving "));
    running.lines("serving ", 3);
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(0);
}

#[test]
fn second_signal_kills_a_daemon_that_hangs() {
    let running = start(&["never", "blocked"]);
    running.line("blocking ");
    running.signal(Signal::SIGTERM);
    wait_until("the first is noticed", tests::PATIENCE, || {
        running.has_logged("interrupted")
    });
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}

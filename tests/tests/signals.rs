//! SIGINT and SIGTERM, sent to a whole process group, as a terminal does: nobody is left (S2).

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::fixture::{Fixture, Running};
use tests::process::Process;
use tests::random::Random;
use tests::wait_until;

fn start(what: &str) -> Running {
    let fixture = Fixture::new(env!("CARGO_BIN_EXE_signals")).arg(what);
    let fixture = fixture.env("TRACTOR_LOG", "info");
    match what {
        // No rung of the ladder is taken because the machine is slow.
        "graceful" => fixture
            .env("TRACTOR_CANCEL_TIMEOUT", "3600")
            .env("TRACTOR_KILL_TIMEOUT", "3600")
            .start(),
        _ => fixture.start(),
    }
}

/// Both workers were cancelled, and had the time to say so.
fn assert_graceful(running: Running, code: i32) {
    let ended = running.finish();
    ended.assert_code(code);
    let count =
        |lines: &[String], text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count(&ended.stdout, "cancelled "), 2, "{}", ended.text());
    assert_eq!(
        count(&ended.stderr, "exited with code 0 (cancelled)"),
        2,
        "{}",
        ended.text()
    );
}

#[test]
fn sigint_ends_gracefully_with_130() {
    let running = start("graceful");
    running.lines("begun ", 2);
    running.signal_group(Signal::SIGINT);
    assert_graceful(running, 130);
}

#[test]
fn sigint_to_the_root_alone_is_the_same() {
    let running = start("graceful");
    running.lines("begun ", 2);
    running.signal(Signal::SIGINT);
    assert_graceful(running, 130);
}

#[test]
fn sigterm_ends_gracefully_with_143() {
    let running = start("graceful");
    running.lines("begun ", 2);
    running.signal(Signal::SIGTERM);
    assert_graceful(running, 143);
}

#[test]
fn sigterm_to_the_group_is_143_too() {
    for _ in 0..10 {
        let running = start("graceful");
        running.lines("begun ", 2);
        // The workers die of it by themselves, and that is no failure of its own.
        running.signal_group(Signal::SIGTERM);
        running.finish().assert_code(143);
    }
}

#[test]
fn second_sigint_kills_the_stubborn() {
    let running = start("stubborn");
    running.line("ready");
    running.signal_group(Signal::SIGINT);
    wait_until("the first is noticed", tests::PATIENCE, || {
        let noticed = running.has_logged("interrupted");
        let alive = Process::find(running.pid()).is_some_and(|root| !root.is_zombie());
        assert!(alive, "an hour has not passed");
        noticed
    });
    assert_eq!(running.descendants().len(), 2, "one SIGINT does not kill");
    running.signal_group(Signal::SIGINT);
    let ended = running.finish();
    ended.assert_code(130);
    let killed = ended
        .stderr
        .iter()
        .filter(|line| line.contains("SIGKILL (killed)"));
    assert_eq!(killed.count(), 2, "{}", ended.text());
}

#[test]
fn second_sigint_ends_a_blocked_root() {
    let mut running = start("blocked-root");
    running.line("ready");
    running.signal_group(Signal::SIGINT);
    // Signals that nobody has taken yet are one: the second is sent until it is seen as such.
    wait_until("the root ends", tests::PATIENCE, || {
        let over = running.try_wait().is_some();
        if !over {
            running.signal_group(Signal::SIGINT);
            std::thread::sleep(Duration::from_millis(50));
        }
        over
    });
    running
        .finish_within(Duration::from_secs(5))
        .assert_code(130);
}

#[test]
fn sigint_while_children_start_is_graceful() {
    let seed = Random::fresh_seed();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for _ in 0..20 {
        let running = start("churn");
        running.line("ready");
        // The moment is what is random here; nothing is waited for.
        std::thread::sleep(Duration::from_micros(random.below(30_000)));
        running.signal_group(Signal::SIGINT);
        let ended = running.finish();
        ended.assert_code(130);
        let died = ended.stderr.iter().any(|line| line.contains("SIGINT"));
        assert!(
            !died,
            "a child died of the terminal's SIGINT: {}",
            ended.text()
        );
    }
}

//! A whole program: its exit, its logs, its environment.

use tests::fixture::{Ended, Fixture};
use tests::process::{Process, Usage, inherited_descriptors};
use tests::{PATIENCE, wait_until};

fn hello() -> Fixture {
    Fixture::new(env!("CARGO_BIN_EXE_hello"))
}

/// One that ends by nothing but its own speed.
fn patient() -> Fixture {
    let hello = hello().env("TRACTOR_CANCEL_TIMEOUT", "3600");
    hello.env("TRACTOR_KILL_TIMEOUT", "3600")
}

fn assert_refused(ended: &Ended, words: &[&str]) {
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    for word in words {
        assert!(text.contains(word), "no `{word}`: {}", ended.text());
    }
    assert!(ended.stdout.is_empty(), "{}", ended.text());
}

#[test]
fn program_is_quiet_by_default() {
    let ended = patient().run();
    ended.assert_code(0);
    assert_eq!(ended.stdout, ["sum 3"]);
    assert!(ended.stderr.is_empty(), "{}", ended.text());
}

#[test]
fn dropped_scope_holds_up_the_exit() {
    // `run` asserts that nobody is left when the root has ended.
    let ended = hello().arg("drop").run();
    ended.assert_code(0);
    assert!(
        ended.stdout.contains(&"begun".to_owned()),
        "{}",
        ended.text()
    );
}

#[test]
fn panic_of_main_reaps_first() {
    let ended = hello().arg("panic").run();
    ended.assert_code(101);
    assert!(
        ended.stderr.iter().any(|line| line == "the body gives up"),
        "{}",
        ended.text()
    );
}

#[test]
fn error_of_main_is_printed_whole() {
    let ended = hello().arg("fail").run();
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(text.starts_with("Error: root.mortal["), "{text}");
    assert!(text.ends_with("was killed by SIGKILL"), "{text}");
}

/// What `main` returns, and what is logged; nothing that the program prints itself.
#[test]
fn terminal_shows_colours_unless_told_otherwise() {
    let cases = [
        (hello().arg("fail").stderr_on_a_terminal(), true),
        (hello().arg("fail"), false),
    ];
    for (fixture, coloured) in cases {
        let ended = fixture.env("TRACTOR_LOG", "error").run();
        ended.assert_code(1);
        let [log, .., error] = ended.stderr.as_slice() else {
            panic!("{}", ended.text());
        };
        assert!(log.contains("an actor failed"), "{}", ended.text());
        assert_eq!(log.contains('\x1b'), coloured, "{}", ended.text());
        let title = match coloured {
            true => "Error: \x1b[1;31mroot.mortal[",
            false => "Error: root.mortal[",
        };
        assert!(error.starts_with(title), "{}", ended.text());
    }
    for (value, coloured) in [("1", false), ("", true)] {
        let fixture = hello().arg("fail").env("TRACTOR_LOG", "error");
        let ended = fixture.stderr_on_a_terminal().env("NO_COLOR", value).run();
        ended.assert_code(1);
        assert_eq!(ended.stderr.len(), 2, "{}", ended.text());
        for line in &ended.stderr {
            assert_eq!(line.contains('\x1b'), coloured, "{}", ended.text());
        }
    }
}

/// What follows `run` is the user's, and may write errors elsewhere than to the terminal.
#[test]
fn errors_of_run_are_not_coloured() {
    let ended = Fixture::new(env!("CARGO_BIN_EXE_scopes"))
        .arg("queue")
        .stderr_on_a_terminal()
        .run();
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(text.starts_with("Error: root.victim["), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn log_lines_carry_the_names_of_actors() {
    let ended = patient().env("TRACTOR_LOG", "debug").run();
    ended.assert_code(0);
    assert_eq!(ended.stdout, ["sum 3"]);
    for actor in ["root[", "root.first[", "root.first.nested["] {
        let lines = ended.stderr.iter().filter(|line| line.starts_with(actor));
        assert!(lines.count() > 0, "nothing of {actor}: {}", ended.text());
    }
    for event in ["spawned", "exited with code 0 (cancelled)", "cancelled"] {
        let lines = ended.stderr.iter().filter(|line| line.contains(event));
        assert!(lines.count() > 0, "no `{event}`: {}", ended.text());
    }
}

/// Set by the code for one actor, which says what it refuses and cancels.
#[test]
fn settings_of_an_actor_are_its_own() {
    let ended = hello().arg("loud").run();
    ended.assert_code(0);
    assert_eq!(ended.stdout, ["threads 3", "refused true"]);
    let events = [
        ("refused a call", "hello::nested"),
        ("a handler was cancelled", "tests::workers::nap"),
    ];
    for (event, function) in events {
        let lines = ended
            .stderr
            .iter()
            .filter(|line| line.contains(event) && line.contains(function));
        assert_eq!(lines.count(), 1, "no `{event}`: {}", ended.text());
    }
    for line in &ended.stderr {
        assert!(line.starts_with("root.loud["), "{}", ended.text());
    }
    let ended = hello()
        .arg("loud")
        .env("TRACTOR_LOG", "error")
        .env("TRACTOR_WORKER_THREADS", "2")
        .run();
    ended.assert_code(0);
    assert_eq!(ended.line("threads "), "2");
    assert!(ended.stderr.is_empty(), "{}", ended.text());
}

#[test]
fn log_filter_governs_children_too() {
    let ended = patient().env("TRACTOR_LOG", "error").run();
    ended.assert_code(0);
    assert!(ended.stderr.is_empty(), "{}", ended.text());
    let ended = patient().env("TRACTOR_LOG", "info").run();
    let exits = ended
        .stderr
        .iter()
        .filter(|line| line.contains("an actor ended"));
    assert_eq!(exits.count(), 2, "{}", ended.text());
}

#[test]
fn bad_environment_is_refused_by_name() {
    let cases = [
        ("TRACTOR_LOG", "a=b=c", ["TRACTOR_LOG", "`a=b=c`"]),
        (
            "TRACTOR_LOG_TO",
            "disk",
            ["TRACTOR_LOG_TO", "`own` or `root`"],
        ),
        (
            "TRACTOR_WORKER_THREADS",
            "many",
            ["TRACTOR_WORKER_THREADS", "`many`"],
        ),
        (
            "TRACTOR_WORKER_THREADS",
            "0",
            ["TRACTOR_WORKER_THREADS", "`0`"],
        ),
        (
            "TRACTOR_CANCEL_TIMEOUT",
            "-1",
            ["TRACTOR_CANCEL_TIMEOUT", "seconds"],
        ),
        (
            "TRACTOR_KILL_TIMEOUT",
            "NaN",
            ["TRACTOR_KILL_TIMEOUT", "seconds"],
        ),
        (
            "TRACTOR_TRANSPORT",
            "pigeon",
            ["TRACTOR_TRANSPORT", "`shared-memory` or `socket`"],
        ),
    ];
    for (key, value, words) in cases {
        assert_refused(&hello().env(key, value).run(), &words);
    }
}

#[test]
fn environment_beats_the_code() {
    // The code says three threads, two hours and hardly any log, for a scope and for an actor.
    let ended = hello()
        .arg("stubborn")
        .env("TRACTOR_WORKER_THREADS", "1")
        .env("TRACTOR_CANCEL_TIMEOUT", "0")
        .env("TRACTOR_KILL_TIMEOUT", "0")
        .env("TRACTOR_LOG", "info")
        .run();
    ended.assert_code(0);
    assert_eq!(ended.stdout, ["threads 1", "threads 1"]);
    let killed = ended
        .stderr
        .iter()
        .filter(|line| line.contains("was killed by SIGKILL (killed)"));
    assert_eq!(killed.count(), 2, "{}", ended.text());
}

/// As the documentation of the crate tells.
#[test]
fn idle_actor_is_small() {
    let running = hello().arg("nap").start();
    let pid = running.line("pid ").parse().expect("a pid");
    // The thread that is busy with the start ends a moment later.
    wait_until("it is idle", PATIENCE, || Usage::of(pid).threads == 2);
    let more = inherited_descriptors();
    assert_eq!(Usage::of(pid).descriptors, 11 + more);
    // In a release build it is 0.4 MiB.
    assert!(Usage::of(pid).private < 4096, "{:?}", Usage::of(pid));
    running.signal(nix::sys::signal::Signal::SIGTERM);
    running.finish().assert_code(143);
}

#[test]
fn ps_shows_programs_and_actors() {
    let running = hello().arg("nap").start();
    let pid = running.line("pid ").parse().expect("a pid");
    let child = Process::find(pid).expect("it lives");
    assert_eq!(child.comm, "sleeper");
    assert_eq!(child.command, "hello tractor-child[root.sleeper] nap");
    let root = Process::find(running.pid()).expect("it lives");
    assert_eq!(root.comm, "hello");
    running.signal(nix::sys::signal::Signal::SIGTERM);
    running.finish().assert_code(143);
}

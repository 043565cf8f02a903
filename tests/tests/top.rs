//! `tractor top`, at a terminal.

use nix::sys::signal::Signal;
use tests::fixture::{Fixture, Running};
use tests::terminal::Terminal;

const COMMAND: &str = env!("CARGO_BIN_EXE_command");

fn start(how: &str) -> Running {
    let running = Fixture::new(env!("CARGO_BIN_EXE_inspected"))
        .arg(how)
        .start();
    running.line("up");
    running
}

fn end(running: Running) {
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}

/// `top` of the tree of this process.
fn top(pid: u32) -> Terminal {
    let pid = pid.to_string();
    Terminal::start(COMMAND, ["top", "--every", "0.1", "--timeout", "0.5", &pid])
}

fn assert_gives_the_screen_back(screen: &str) {
    let first = screen.find("\x1b[?1049h").expect("it takes the screen");
    let last = screen
        .rfind("\x1b[?1049l")
        .expect("it gives the screen back");
    assert!(first < last, "{screen}");
}

#[test]
fn top_shows_the_tree_until_somebody_quits() {
    let running = start("stuck");
    for keys in [&b"q"[..], b"\x03", b"s jkq"] {
        let mut top = top(running.pid());
        top.wait_for("mill");
        top.press(keys);
        let (status, screen) = top.end();
        assert!(status.success() && screen.contains("bakery"), "{screen}");
        assert_gives_the_screen_back(&screen);
    }
    end(running);
}

/// Looks at the first actor, and then at the second.
fn look(running: Running, first: &[&str], second: &[&str]) {
    let mut top = top(running.pid());
    top.wait_for_screen(first);
    top.press(b"j");
    top.wait_for_screen(second);
    top.press(b"q");
    top.end_with(0);
    end(running);
}

#[test]
fn top_shows_who_hangs() {
    look(
        start("stuck"),
        &[
            "mill",
            "no answer",
            " shop ",
            "waits for inspected::bakery::bake, shop.bakery[",
        ],
        &[
            " shop.bakery ",
            "waits for inspected::mill::grind, shop.bakery.mill[",
        ],
    );
}

#[test]
fn top_shows_that_both_wait() {
    look(
        start("dialog"),
        &[
            " shop ",
            "streams inspected::dialog::listen, shop.bakery[",
            "], waits for an item",
        ],
        &[
            " shop.bakery ",
            "streams inspected::dialog::listen, shop[",
            "], waits for an item",
        ],
    );
}

#[test]
fn top_shows_who_is_busy_with_what() {
    let running = Fixture::new(env!("CARGO_BIN_EXE_we_are_processes"))
        .arg("3600")
        .env("TRACTOR_INSPECT", "1")
        .start();
    running.line("Yo i am actor root.worker_0[");
    look(
        running,
        &[
            " root ",
            "waits for we_are_processes::target, root.worker_0[",
        ],
        &[" root.worker_0 ", "answers we_are_processes::target, root["],
    );
}

#[test]
fn top_gives_the_screen_back_when_a_signal_ends_it() {
    let running = start("calls");
    let mut top = top(running.pid());
    top.wait_for("mill");
    top.signal(Signal::SIGTERM);
    let (status, screen) = top.end();
    assert_eq!(status.code(), Some(1), "{screen}");
    assert!(screen.contains("tractor: ended by a signal"), "{screen}");
    assert_gives_the_screen_back(&screen);
    end(running);
}

#[test]
fn top_ends_with_the_tree() {
    let running = start("calls");
    let pid = running.pid();
    let mut top = top(pid);
    top.wait_for("mill");
    end(running);
    let (status, screen) = top.end();
    assert_eq!(status.code(), Some(1), "{screen}");
    assert!(
        screen.contains(&format!("process {pid} has ended")),
        "{screen}"
    );
    assert_gives_the_screen_back(&screen);
}

#[test]
fn top_needs_a_terminal() {
    let running = start("calls");
    let pid = running.pid().to_string();
    let refused = Fixture::new(COMMAND).arg("top").arg(pid).run();
    refused.assert_code(1);
    assert_eq!(
        refused.stderr,
        ["tractor: `tractor top` needs a terminal; `tractor tree` does not"]
    );
    end(running);
}

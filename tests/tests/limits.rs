//! The limits of the system, reached while half of the workers are up.

use std::path::Path;

use tests::disk::TempDir;
use tests::fixture::{Ended, Fixture};

fn assert_refused(ended: &Ended, hint: &str) {
    ended.assert_code(0);
    let error = ended.line("refused ");
    assert!(
        error.contains("cannot start actor `root.worker_"),
        "{error}"
    );
    assert!(error.contains(hint), "{error}");
    // Whatever had been started was reaped by then, and there is room again.
    assert_eq!(ended.line("then "), "3");
    assert!(
        !ended.stderr.iter().any(|line| line.contains("panicked")),
        "{}",
        ended.text()
    );
}

#[test]
fn limit_of_open_files_is_a_clear_error() {
    // Each child takes a few descriptors of its parent: this is enough for some of them.
    for room in [6, 11, 12, 13, 14] {
        let fixture = Fixture::new(env!("CARGO_BIN_EXE_limits"));
        let fixture = fixture.arg("files").arg(room.to_string());
        assert_refused(&fixture.arg("40").arg("warm").run(), "ulimit -n");
    }
}

/// The fixture as a user of its own: for root there is no such limit, and users that exist may
/// have processes that come and go.
fn with_room_for(program: &Path, tasks: u32) -> Fixture {
    let fixture = match nix::unistd::getuid().is_root() {
        // Of this test process alone: runs at the same time would eat each other's limit.
        true => Fixture::new(program).uid(100_000 + std::process::id()),
        false => Fixture::new(program),
    };
    fixture.arg("processes").arg(tasks.to_string())
}

#[test]
fn limit_of_processes_is_a_clear_error() {
    let dir = TempDir::new();
    let program = dir.copy(env!("CARGO_BIN_EXE_limits"), "limits");
    for room in [4, 9, 16] {
        let ended = with_room_for(&program, room).arg("40").arg("warm").run();
        assert_refused(&ended, "ulimit -u");
    }
    // Not even a thread can be had, nor two.
    for room in [0, 1, 2] {
        let ended = with_room_for(&program, room).arg("8").arg("cold").run();
        ended.assert_code(0);
        assert!(
            ended.line("refused ").contains("ulimit -u"),
            "{}",
            ended.text()
        );
        assert!(
            !ended.stderr.iter().any(|line| line.contains("panicked")),
            "{}",
            ended.text()
        );
    }
}

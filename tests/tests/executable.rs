//! The program's file may change or vanish while it runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tests::disk::TempDir;
use tests::fixture::Fixture;

/// Runs a copy of the fixture, and does something to its file between two clusters.
fn survives(change: impl FnOnce(&Path)) {
    let dir = TempDir::new();
    let program = dir.copy(env!("CARGO_BIN_EXE_hello"), "hello");
    let go = dir.join("go");
    let running = Fixture::new(&program).arg("again").arg(&go).start();
    assert_eq!(running.line("first "), "3");
    change(&program);
    fs::write(&go, "").expect("the directory is ours");
    let ended = running.finish();
    ended.assert_code(0);
    assert_eq!(ended.line("second "), "3");
    assert_eq!(ended.line("early "), "7");
}

#[test]
fn replaced_executable_changes_nothing() {
    survives(|program| {
        let other = program.with_extension("new");
        fs::write(&other, "#!/bin/sh\necho I am another program\nexit 1\n").expect("ours");
        fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).expect("ours");
        fs::rename(&other, program).expect("ours");
    });
}

#[test]
fn deleted_executable_changes_nothing() {
    survives(|program| fs::remove_file(program).expect("ours"));
}

#[test]
fn renamed_executable_changes_nothing() {
    survives(|program| {
        let elsewhere = program.with_extension("old");
        fs::rename(program, elsewhere).expect("ours");
    });
}

#[test]
fn executable_that_lost_its_permission_is_a_clear_error() {
    let dir = TempDir::new();
    let program = dir.copy(env!("CARGO_BIN_EXE_hello"), "hello");
    let go = dir.join("go");
    let running = Fixture::new(&program).arg("refused").arg(&go).start();
    assert_eq!(running.line("first "), "3");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).expect("ours");
    fs::write(&go, "").expect("the directory is ours");
    let ended = running.finish();
    ended.assert_code(0);
    let refused = ended.line("refused ");
    assert!(
        refused.contains("cannot start actor `root.first`"),
        "{refused}"
    );
    assert!(refused.contains("has to be executable"), "{refused}");
}

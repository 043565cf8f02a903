//! Every program in `examples` compiles and runs; every one in `fail` is refused as its `.stderr` says.

use std::fs;
use std::path::Path;
use std::process::Command;

/// `cargo test` has built them, into the directory beside that of this test.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "they are started as a user would"
)]
fn what_is_accepted_runs() {
    let this_test = std::env::current_exe().expect("a process has an executable");
    let programs = this_test
        .parent()
        .and_then(Path::parent)
        .expect("test binaries live in target/<profile>/deps")
        .join("examples");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut ran = 0;
    for source in fs::read_dir(&sources).expect("it is beside this test's directory") {
        let source = source.expect("a directory can be read to its end").path();
        let name = source.file_stem().expect("a source file has a name");
        let ended = Command::new(programs.join(name)).output();
        let ended =
            ended.unwrap_or_else(|error| panic!("{} was not built: {error}", source.display()));
        assert!(
            ended.status.success(),
            "{}: {}\n{}",
            source.display(),
            ended.status,
            String::from_utf8_lossy(&ended.stderr),
        );
        ran += 1;
    }
    assert!(ran > 0, "{} is empty", sources.display());
}

#[test]
fn what_is_refused_reads_well() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}

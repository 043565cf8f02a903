//! The linker drops no registration, however the program is built.

use std::path::Path;
use std::process::Command;

use tests::fixture::Fixture;

/// Builds the program in release with these settings of the profile, and calls all its functions.
#[expect(clippy::disallowed_methods, reason = "cargo is no actor")]
fn all_are_callable(settings: &[&str]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("registrations");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "build",
            "--offline",
            "--quiet",
            "--release",
            "--package",
            "registrations",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("--target-dir")
        .arg(&target)
        // What is tested is the linker: everything else is to be built quickly.
        .args(["--config", "profile.release.opt-level=1"])
        .args(["--config", "profile.release.package.\"*\".opt-level=0"])
        .args(["--config", "profile.release.debug=false"]);
    for setting in settings {
        cargo.args(["--config", setting]);
    }
    let built = cargo.output().expect("cargo can be started");
    let text = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{text}");

    let ended = Fixture::new(target.join("release/registrations")).run();
    ended.assert_code(0);
    let registered = "functions::hidden::secret functions::math::deep::square \
                      functions::math::double functions::text::shout";
    assert_eq!(ended.line("registered "), registered);
    assert_eq!(ended.line("double "), "8");
    assert_eq!(ended.line("square "), "16");
    assert_eq!(ended.line("shout "), "FOUR");
    assert_eq!(ended.line("secret "), "42");
}

/// One test, because the builds share a directory.
#[test]
fn functions_of_a_dependency_survive_the_linker() {
    for units in [1, 256] {
        // Of these two alone: everything below them is built once.
        all_are_callable(&[
            &format!("profile.release.package.functions.codegen-units={units}"),
            &format!("profile.release.package.registrations.codegen-units={units}"),
        ]);
    }
    all_are_callable(&[
        "profile.release.lto=\"fat\"",
        "profile.release.codegen-units=1",
    ]);
}

//! The example `checksum`, beside `sha256sum`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::directory::Directory;
use crate::run::run;

/// What the shell makes of the tree: the reference.
#[expect(clippy::disallowed_methods, reason = "a shell is no actor")]
fn sha256sum(path: &Path) -> Vec<u8> {
    let script = "find \"$0\" -type f -print0 | sort -z | xargs -0 sha256sum";
    let output = Command::new("sh")
        .args([OsStr::new("-c"), OsStr::new(script), path.as_os_str()])
        .env("LC_ALL", "C")
        .output()
        .expect("there is a shell");
    output.stdout
}

#[test]
fn equals_sha256sum() {
    let directory = Directory::new();
    directory.write(b"empty", b"");
    directory.write(b"a.b", b"sorts between a and a/");
    directory.write(b"large", &vec![7; 1_000_003]);
    directory.write(b"new\nline", b"1");
    directory.write(b"back\\slash", b"2");
    directory.write(b"not utf-8 \xff\xfe", b"3");
    fs::create_dir(directory.0.join("a")).expect("new");
    let inner = directory.write(b"a/inner", b"4");
    symlink(&inner, directory.0.join("link")).expect("new");
    symlink("..", directory.0.join("a/loop")).expect("new");

    let output = run(
        "checksum",
        &["--workers".as_ref(), "3".as_ref(), directory.0.as_ref()],
    );
    let expected = sha256sum(&directory.0);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&expected)
    );
    assert_eq!(output.stdout, expected);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn reports_what_it_cannot_read() {
    // A regular file that opens, and then cannot be read, by anybody.
    let output = run("checksum", &["/proc/self/mem".as_ref()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "checksum: /proc/self/mem: Input/output error (os error 5)\n"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn counts_what_it_cannot_read() {
    let directory = Directory::new();
    directory.write(b"readable", b"");
    for name in ["secret_1", "secret_2"] {
        let secret = directory.write(name.as_bytes(), b"");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("it is ours");
        if File::open(&secret).is_ok() {
            return; // The superuser can read everything.
        }
    }
    let output = run("checksum", &[directory.0.as_ref()]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("secret_1: Permission denied"), "{stderr}");
    assert!(stderr.contains("secret_2: Permission denied"), "{stderr}");
    assert_eq!(output.stdout, sha256sum(&directory.0.join("readable")));
}

#[test]
fn says_what_is_wrong_with_its_arguments() {
    let complaints: [(&[&str], &str); 8] = [
        (&[], "PATH is missing"),
        (&["a", "b"], "there is more than one PATH"),
        (&["--wrokers", "3"], "there is no option --wrokers"),
        (&["a", "-x"], "there is no option -x"),
        (&["--", "-x"], "-x: No such file or directory (os error 2)"),
        (
            &["--workers"],
            "--workers needs a number that is at least 1",
        ),
        (
            &["--workers", "0", "."],
            "--workers needs a number that is at least 1",
        ),
        (
            &["/nowhere"],
            "/nowhere: No such file or directory (os error 2)",
        ),
    ];
    for (args, complaint) in complaints {
        let args: Vec<_> = args.iter().map(OsStr::new).collect();
        let output = run("checksum", &args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            stderr.lines().next(),
            Some(&*format!("checksum: {complaint}"))
        );
        assert_eq!(
            (output.status.code(), output.stdout),
            (Some(125), Vec::new())
        );
    }
}

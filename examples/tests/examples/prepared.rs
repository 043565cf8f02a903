//! An example before it runs, and what it leaves.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::directory::new_directory;

/// An example that is about to run, in an environment by which its processes are found.
pub(crate) struct Prepared {
    pub(crate) command: Command,
    pub(crate) mark: String,
    temporary: PathBuf,
}

impl Prepared {
    /// `cargo test` has built it, into the directory beside that of this test.
    pub(crate) fn new(example: &str, args: &[&OsStr]) -> Self {
        let this_test = std::env::current_exe().expect("a process has an executable");
        let directory = this_test.parent().and_then(Path::parent);
        let program = directory
            .expect("test binaries live in target/<profile>/deps")
            .join("examples")
            .join(example);
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let mark = format!("examples-{}.{run};", std::process::id());
        let temporary = new_directory();
        let mut command = Command::new(&program);
        command
            .args(args)
            .env("RUST_BACKTRACE", "0")
            .env_remove("RUST_LIB_BACKTRACE")
            .env_remove("TRACTOR_LOG")
            // No rung of the ladder is taken because the machine is slow.
            .env("TRACTOR_CANCEL_TIMEOUT", "3600")
            .env("TRACTOR_KILL_TIMEOUT", "3600")
            .env("MARK", &mark)
            .env("TMPDIR", &temporary)
            .stdin(Stdio::null());
        Self {
            command,
            mark,
            temporary,
        }
    }

    pub(crate) fn assert_nothing_left(self) {
        let left_over = left_over(&self.mark);
        assert_eq!(left_over, BTreeSet::new(), "processes are left over");
        let files = fs::read_dir(&self.temporary).expect("the example leaves the directory");
        let files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        assert!(files.is_empty(), "temporary files are left over: {files:?}");
        fs::remove_dir(&self.temporary).expect("it is empty");
    }
}

/// The command lines of processes that inherited `mark` and still run.
pub(crate) fn left_over(mark: &str) -> BTreeSet<String> {
    let processes = fs::read_dir("/proc").expect("/proc is mounted");
    processes
        .filter_map(|process| {
            // A process may end while it is looked at.
            let process = process.ok()?.path();
            let environment = fs::read(process.join("environ")).ok()?;
            let ours = environment
                .windows(mark.len())
                .any(|window| window == mark.as_bytes());
            let name = fs::read(process.join("cmdline")).ok()?;
            ours.then(|| String::from_utf8_lossy(&name).into_owned())
        })
        .collect()
}

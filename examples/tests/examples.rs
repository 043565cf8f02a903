//! Every example runs to its end, says what it should, and leaves nothing behind.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs an example. `cargo test` has built it, into the directory beside that of this test.
fn run(example: &str, args: &[&OsStr]) -> Output {
    let this_test = std::env::current_exe().expect("a process has an executable");
    let directory = this_test.parent().and_then(Path::parent);
    let program = directory
        .expect("test binaries live in target/<profile>/deps")
        .join("examples")
        .join(example);
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let mark = format!("examples-{}.{run};", std::process::id());
    let temporary = std::env::temp_dir().join(format!("tractor-{mark}"));
    fs::create_dir(&temporary).expect("the directory is new");
    let output = Command::new(&program)
        .args(args)
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUST_LIB_BACKTRACE")
        .env_remove("TRACTOR_LOG")
        // No rung of the ladder is taken because the machine is slow.
        .env("TRACTOR_CANCEL_TIMEOUT", "3600")
        .env("TRACTOR_KILL_TIMEOUT", "3600")
        .env("MARK", &mark)
        .env("TMPDIR", &temporary)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
    assert_eq!(left_over(&mark), BTreeSet::new(), "processes are left over");
    let files = fs::read_dir(&temporary).expect("the example leaves the directory");
    let files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    assert!(files.is_empty(), "temporary files are left over: {files:?}");
    fs::remove_dir(&temporary).expect("it is empty");
    output
}

/// The command lines of processes that inherited `mark` and still run.
fn left_over(mark: &str) -> BTreeSet<String> {
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

/// The lines on stdout of an example that must succeed and say nothing on stderr.
fn lines_of(example: &str) -> Vec<String> {
    let output = run(example, &[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""));
    let stdout = String::from_utf8(output.stdout).expect("the output is UTF-8");
    stdout.lines().map(str::to_owned).collect()
}

/// `root.bank[4242]` as `root.bank[pid]`.
fn without_pid(line: &str) -> String {
    match line.split_once('[') {
        Some((before, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}[pid{after}")
        }
        _ => line.to_owned(),
    }
}

#[test]
fn quick_cluster_prints_one_line_per_core() {
    let lines = lines_of("quick_cluster");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(lines.len(), cores);
    let pids: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| line.split('[').nth(1))
        .collect();
    assert_eq!(
        pids.len(),
        cores,
        "each line comes from a process of its own"
    );
    let mut names: Vec<_> = lines.iter().map(|line| without_pid(line)).collect();
    let mut expected: Vec<_> = (0..cores)
        .map(|worker| format!("Yo i am actor root.worker_{worker}[pid]"))
        .collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn primes_come_as_they_complete_then_in_order() {
    const IN_ORDER: [&str; 6] = [
        "112272535095293 is prime",
        "112582705942171 is prime",
        "112272535095293 is prime",
        "115280095190773 is prime",
        "115797848077099 is prime",
        "1099726899285419 is not prime",
    ];
    let lines = lines_of("primes");
    assert_eq!(lines.len(), 14);
    assert_eq!(lines[0], "as they complete:");
    let mut completed = lines[1..7].to_vec();
    let mut expected = IN_ORDER;
    completed.sort();
    expected.sort_unstable();
    assert_eq!(completed, expected);
    assert_eq!(lines[7], "in order:");
    assert_eq!(lines[8..], IN_ORDER);
}

#[test]
fn actors_are_daemons_and_one_shots() {
    let lines: Vec<_> = lines_of("actors")
        .iter()
        .map(|line| without_pid(line))
        .collect();
    let question = "What is the airspeed velocity of an unladen swallow?";
    let expected = [
        format!("root.frank[pid]: {question} African or European?"),
        "the first 1000 primes add up to 3682913, says root.first_primes[pid]".to_owned(),
    ];
    assert_eq!(lines[..2], expected);
    // Which of the two is reaped first is theirs to settle.
    let mut exits = lines[2..].to_vec();
    exits.sort();
    assert_eq!(
        exits,
        [
            "first_primes exited with code 0 (cancelled)",
            "frank exited with code 0 (cancelled)"
        ]
    );
}

#[test]
fn nested_actor_tree_answers_and_fails_through_three_levels() {
    let lines = lines_of("nested_actor_tree");
    assert_eq!(lines[0], "north has 60 inhabitants");
    assert_eq!(lines[1], "south has 60 inhabitants");
    let flood = without_pid(&lines[2]).replace("worker_0", "worker_1");
    let origin = "root.region.town.worker_1[pid]";
    let flooded = "street 13 is flooded";
    assert_eq!(
        flood,
        format!("`nested_actor_tree::inhabitants` failed in {origin}: {flooded}")
    );
    let way: Vec<_> = lines[3].split(", ").map(without_pid).collect();
    assert_eq!(
        way,
        ["it came through root.region.town[pid]", "root.region[pid]"]
    );
    assert_eq!(lines.len(), 4);
}

#[test]
fn we_are_processes_contains_its_zombies() {
    let output = run("we_are_processes", &[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("the root crashes, on purpose"), "{stderr}");
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(stdout.lines().count(), cores + 1);
    assert_eq!(stdout.lines().last(), Some("Zombies Contained"));
}

#[test]
fn supervised_restart_loses_nothing() {
    let lines = lines_of("supervised_restart");
    assert_eq!(lines[0], "100 of 100 done, the sum is 328350");
    let (restarts, first) = lines[1].split_once(" restarts; ").expect("it says so");
    // Every process answers 5 calls: the 100 take 20 of them, and 18 of those have followed one.
    assert!(
        restarts.parse::<u32>().expect("a number") >= 18,
        "{lines:?}"
    );
    assert!(first.ends_with("was killed by SIGABRT"), "{first}");
}

#[test]
fn remote_errors_are_told_apart() {
    let lines: Vec<_> = lines_of("remote_errors")
        .iter()
        .map(|line| without_pid(line))
        .collect();
    let location = lines.iter().position(|line| line.starts_with("│ at "));
    let location = location.expect("the panic has a location");
    assert!(lines[location].contains("remote_errors.rs:"));
    let before = [
        "refused: 120 cents short",
        "refused: who is bob?",
        "bank said: cannot read the configuration",
        "  because \"80 80\" is no port",
        "  because invalid digit found in string",
        "`remote_errors::third` panicked in root.bank[pid]: \
         index out of bounds: the len is 2 but the index is 2",
        "╭─ panic",
        "│ index out of bounds: the len is 2 but the index is 2",
    ];
    let after = [
        "│ in remote_errors::third, actor root.bank[pid]",
        "╰─",
        "balance: 480",
        "the scope ended: root.bank[pid] was killed by SIGKILL",
    ];
    assert_eq!(lines[..location], before);
    assert_eq!(lines[location + 1..], after);
}

/// A directory that is removed at the end of its test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("tractor-test-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("the directory is new");
        Self(path)
    }

    fn write(&self, name: &[u8], content: &[u8]) -> PathBuf {
        let path = self.0.join(OsStr::from_bytes(name));
        fs::write(&path, content).expect("the directory is writable");
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the shell makes of the tree: the reference.
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
fn checksum_equals_sha256sum() {
    let directory = Directory::new("checksum");
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
fn checksum_reports_what_it_cannot_read() {
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
fn checksum_counts_what_it_cannot_read() {
    let directory = Directory::new("unreadable");
    directory.write(b"readable", b"");
    for name in ["secret_1", "secret_2"] {
        let secret = directory.write(name.as_bytes(), b"");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("it is ours");
        if fs::File::open(&secret).is_ok() {
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
fn checksum_says_what_is_wrong_with_its_arguments() {
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

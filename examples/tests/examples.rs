//! Every example runs to its end, says what it should, and leaves nothing behind.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, mkdtemp};

/// Runs an example to its end.
#[expect(clippy::disallowed_methods, reason = "an example is no actor")]
fn run(example: &str, args: &[&OsStr]) -> Output {
    let mut prepared = Prepared::new(example, args);
    let output = prepared.command.output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {example}: {error}"));
    prepared.assert_nothing_left();
    output
}

/// An example that is about to run, in an environment by which its processes are found.
struct Prepared {
    command: Command,
    mark: String,
    temporary: PathBuf,
}

impl Prepared {
    /// `cargo test` has built it, into the directory beside that of this test.
    fn new(example: &str, args: &[&OsStr]) -> Self {
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

    fn assert_nothing_left(self) {
        let left_over = left_over(&self.mark);
        assert_eq!(left_over, BTreeSet::new(), "processes are left over");
        let files = fs::read_dir(&self.temporary).expect("the example leaves the directory");
        let files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        assert!(files.is_empty(), "temporary files are left over: {files:?}");
        fs::remove_dir(&self.temporary).expect("it is empty");
    }
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
    let cores = thread::available_parallelism().map_or(1, usize::from);
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
    let cores = thread::available_parallelism().map_or(1, usize::from);
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

/// The report, as nobody sits at a terminal; without what the feature `debug` adds to it, which this may be
/// compiled with.
#[test]
fn why_did_it_crash_tells_where_and_by_whom() {
    let output = run("why_did_it_crash", &[]);
    let lines = |bytes: &[u8]| -> Vec<_> {
        let text = String::from_utf8_lossy(bytes);
        text.lines().map(without_pid).collect()
    };
    let crash =
        "`why_did_it_crash::share` panicked in root.bakery.till[pid]: attempt to divide by zero";
    assert_eq!(lines(&output.stdout), [format!("closed: {crash}")]);
    let stderr = lines(&output.stderr);
    assert_eq!(
        stderr.first().map(String::as_str),
        Some(crash),
        "{stderr:#?}"
    );
    for expected in [
        "called by root.bakery[pid]",
        "backtrace:",
        "this actor:",
        "  root.bakery.till[pid] runs",
    ] {
        let count = stderr.iter().filter(|line| *line == expected).count();
        assert_eq!(count, 1, "{expected}: {stderr:#?}");
    }
    let arrow = stderr.iter().find(|line| line.starts_with('▶'));
    assert!(
        arrow.is_some_and(|line| line.ends_with("loaves / customers")),
        "{stderr:#?}"
    );
}

#[test]
fn why_does_it_hang_shows_the_chain_to_who_does_not_answer() {
    let chain = [
        "root[pid] runs",
        "│   waits for why_does_it_hang::bake, root.bakery[pid]",
        "└─ bakery[pid] runs",
        "   │   answers why_does_it_hang::bake, root[pid]",
        "   │   waits for why_does_it_hang::grind, root.bakery.mill[pid]",
        "   └─ mill[pid] does not answer",
    ];
    let shown = |tree: &[String]| {
        let mut lines = tree.iter().map(|line| without_pid(line)).zip(chain);
        lines.all(|(line, expected)| line.starts_with(expected))
    };
    let hung = Ongoing::start("why_does_it_hang", &["3600".as_ref()]);
    let mut lines = Vec::new();
    while !lines.windows(chain.len()).any(shown) {
        lines.push(hung.next());
    }
    hung.kill();
}

#[test]
fn why_does_it_hang_comes_to_an_end() {
    let lines = lines_of("why_does_it_hang");
    assert_eq!(lines.last().map(String::as_str), Some("180 loaves"));
}

#[test]
fn why_is_it_slow_shows_the_times_of_each_handler() {
    let lines = lines_of("why_is_it_slow");
    assert!(lines.contains(&"200 loaves".to_owned()), "{lines:#?}");
    let field = |function: &str, name: &str| {
        let call = format!("call{{function=\"why_is_it_slow::{function}\"");
        let line = lines.iter().find(|line| line.contains(&call));
        let line = line.unwrap_or_else(|| panic!("no {function}: {lines:#?}"));
        let (_, rest) = line.split_once(&format!(" {name}=")).unwrap_or_default();
        let end = rest.find([' ', '}']).unwrap_or(rest.len());
        assert!(end > 0, "no {name}: {line}");
        rest[..end].to_owned()
    };
    assert_eq!(field("grind", "parent_id"), field("bake", "span_id"));
    assert_eq!(field("grind", "trace_id"), field("bake", "trace_id"));
    for time in ["time.busy", "time.idle"] {
        field("grind", time);
    }
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

/// Not named by this process: one that was killed has left its own behind, and pids come again.
fn new_directory() -> PathBuf {
    let template = std::env::temp_dir().join("tractor-test-XXXXXX");
    mkdtemp(&template).expect("a directory can be made")
}

/// A directory that is removed at the end of its test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        Self(new_directory())
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
fn checksum_equals_sha256sum() {
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

/// What the doc comment of an example says that it prints.
fn promised(source: &str) -> Vec<&str> {
    let comment = source.lines().map_while(|line| line.strip_prefix("//!"));
    let comment = comment.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let prints = comment.skip_while(|line| !line.starts_with("$ cargo run"));
    prints.skip(1).take_while(|&line| line != "```").collect()
}

#[test]
fn ping_pong_goes_both_ways() {
    let promised = promised(include_str!("../ping_pong.rs"));
    assert_eq!(lines_of("ping_pong"), promised);
}

#[test]
fn typed_dialog_ends_in_its_own_ways() {
    let promised = promised(include_str!("../typed_dialog.rs"));
    assert_eq!(lines_of("typed_dialog"), promised);
}

#[test]
fn cluster_streams_take_turns() {
    let promised = promised(include_str!("../cluster_streams.rs"));
    assert_eq!(lines_of("cluster_streams"), promised);
}

#[test]
fn broadcast_fanout_reaches_every_subscriber() {
    let promised = promised(include_str!("../broadcast_fanout.rs"));
    assert_eq!(lines_of("broadcast_fanout"), promised);
}

#[test]
fn multiple_streams_share_one_portal() {
    let promised = promised(include_str!("../multiple_streams_one_portal.rs"));
    assert_eq!(lines_of("multiple_streams_one_portal"), promised);
}

#[test]
fn streaming_service_drops_duplicates() {
    let promised = promised(include_str!("../streaming_service.rs"));
    assert_eq!(lines_of("streaming_service"), promised);
}

/// An example while it runs; killed at the end of a test that fails.
struct Ongoing {
    prepared: Option<Prepared>,
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Ongoing {
    #[expect(
        clippy::disallowed_methods,
        reason = "the example is to run while the test goes on"
    )]
    fn start(example: &str, args: &[&OsStr]) -> Self {
        let mut prepared = Prepared::new(example, args);
        let command = prepared.command.stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        Self {
            stdout: lines_from(child.stdout.take().expect("it is piped")),
            stderr: lines_from(child.stderr.take().expect("it is piped")),
            prepared: Some(prepared),
            child,
        }
    }

    /// `tail_logs` of these files.
    fn tail(options: &[&str], files: &[&Path]) -> Self {
        let options = options.iter().map(OsStr::new);
        let files = files.iter().map(|file| file.as_os_str());
        Self::start("tail_logs", &options.chain(files).collect::<Vec<_>>())
    }

    fn next(&self) -> String {
        let line = self.stdout.recv_timeout(PATIENCE);
        line.expect("a line is printed")
    }

    /// Kills it; those below it end by themselves.
    fn kill(mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
        let prepared = self.prepared.take().expect("it is taken once");
        let began = Instant::now();
        while !left_over(&prepared.mark).is_empty() && began.elapsed() < PATIENCE {
            thread::yield_now();
        }
        prepared.assert_nothing_left();
    }

    /// Ends it with Ctrl-C; gives what it has not been asked for.
    fn interrupt(mut self) -> (Vec<String>, Vec<String>) {
        let pid = self.child.id().try_into().expect("a process id fits");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
        let (stdout, stderr) = (self.stdout.iter().collect(), self.stderr.iter().collect());
        let status = self.child.wait().expect("it is ours");
        assert_eq!(status.code(), Some(130));
        let prepared = self.prepared.take().expect("it is taken once");
        prepared.assert_nothing_left();
        (stdout, stderr)
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        if self.prepared.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// How long a line may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines as they come, until the pipe is closed.
fn lines_from(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let line = line.expect("the output is UTF-8");
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("the file is writable");
}

#[test]
fn tail_logs_follows_growing_files_until_interrupted() {
    const LINES: usize = 500;
    let directory = Directory::new();
    let files = [b"a", b"b"].map(|name| directory.write(name, b"0 is there\n1 is there\n"));
    let tail = Ongoing::tail(&[], &[&files[0], &files[1]]);

    let printed = thread::scope(|scope| {
        for (path, name) in files.iter().zip(["a", "b"]) {
            scope.spawn(move || {
                for line in 2..LINES {
                    // A line comes in two parts; some begin with a number, others do not.
                    let start = if line % 7 == 0 { "not " } else { "" };
                    append(path, &format!("{start}{line} of"));
                    append(path, &format!(" {name}\n"));
                }
            });
        }
        (0..2 * LINES).map(|_| tail.next()).collect::<Vec<_>>()
    });
    append(&files[0], "no line");
    assert_eq!(tail.interrupt(), (Vec::new(), Vec::new()));

    let (there, grown): (Vec<_>, Vec<_>) = printed
        .iter()
        .map(String::as_str)
        .partition(|line| line.ends_with("there"));
    assert_eq!(there.len(), 4, "{there:?}");
    for name in ["a", "b"] {
        let lines = grown.iter().filter(|line| line.ends_with(name));
        let numbers: Vec<usize> = lines
            .map(|line| line.trim_start_matches("not "))
            .map(|line| line.split(' ').next().unwrap().parse().unwrap())
            .collect();
        assert!(numbers.iter().copied().eq(2..LINES), "{name}: {numbers:?}");
    }
}

#[test]
fn tail_logs_waits_for_files_and_reopens_them() {
    let directory = Directory::new();
    let path = directory.0.join("log");
    let tail = Ongoing::tail(&[], &[&path]);
    let said = tail.stderr.recv_timeout(PATIENCE).expect("it says so");
    assert_eq!(said, format!("tail_logs: waiting for {}", path.display()));

    directory.write(b"log", b"the first line\nhalf of");
    assert_eq!(tail.next(), "the first line");
    append(&path, " the second\n");
    assert_eq!(tail.next(), "half of the second");

    append(&path, "before the rotation\n");
    fs::rename(&path, directory.0.join("log.1")).expect("it is there");
    directory.write(b"log", b"after the rotation, a line that is long\n");
    assert_eq!(tail.next(), "before the rotation");
    assert_eq!(tail.next(), "after the rotation, a line that is long");

    directory.write(b"log", b"shorter\n");
    assert_eq!(tail.next(), "shorter");
    assert_eq!(tail.interrupt(), (Vec::new(), Vec::new()));
}

#[test]
fn tail_logs_orders_what_is_there_by_time() {
    let directory = Directory::new();
    let a = directory.write(
        b"a",
        b"1 a\n10 a\n1777636799999 a\n2026-05-01T12:00:00Z a\n  continued\n\
          2026-05-01T14:00:02+02:00 a\n",
    );
    let b = directory.write(
        b"b",
        b"2.5 b\n9 b\n2026-05-01T11:59:59.9995z b\n2026-05-01 12:00:01.5Z b\n\
          2026-05-01T10:00:03-02:00 b\nno newline",
    );
    let expected = [
        "1 a",
        "2.5 b",
        "9 b",
        "10 a",
        "1777636799999 a",
        "2026-05-01T11:59:59.9995z b",
        "2026-05-01T12:00:00Z a",
        "  continued",
        "2026-05-01 12:00:01.5Z b",
        "2026-05-01T14:00:02+02:00 a",
        "2026-05-01T10:00:03-02:00 b",
    ];
    let tail = Ongoing::tail(&[], &[&a, &b]);
    let printed: Vec<_> = expected.iter().map(|_| tail.next()).collect();
    assert_eq!(printed, expected);

    // An older line that is written after a newer one comes first, unless this thread was held up
    // between the two.
    let in_order = (0..20).any(|hour| {
        append(&a, &format!("2026-06-01T{hour:02}:00:02Z a\n"));
        append(&b, &format!("2026-06-01T{hour:02}:00:01Z b\n"));
        [tail.next(), tail.next()].map(|line| line.ends_with('b')) == [true, false]
    });
    assert!(in_order);
    assert_eq!(tail.interrupt(), (Vec::new(), Vec::new()));
}

#[test]
fn tail_logs_skips_what_is_there() {
    let directory = Directory::new();
    let a = directory.write(b"a", b"an old line\nhalf of");
    let b = directory.0.join("b");
    let tail = Ongoing::tail(&["--from-end"], &[&a, &b]);
    // When one is followed, all are.
    tail.stderr.recv_timeout(PATIENCE).expect("one is missing");
    directory.write(b"b", b"followed\n");
    assert_eq!(tail.next(), "followed");
    append(&a, " a new one\nanother\n");
    assert_eq!(tail.next(), "half of a new one");
    assert_eq!(tail.next(), "another");
    assert_eq!(tail.interrupt(), (Vec::new(), Vec::new()));
}

/// Writes numbered lines, each with the time at which it is written. Whoever else does holds the
/// lock before or after it, so that the order of times is that in which the lines were written.
fn log(file: &mut File, clock: &Mutex<SystemTime>, name: &str, numbers: Range<usize>) {
    for number in numbers {
        let mut latest = clock.lock().expect("nobody panics");
        *latest = SystemTime::now().max(*latest + Duration::from_nanos(1));
        let time = latest.duration_since(UNIX_EPOCH).expect("it is later");
        let (seconds, nanos) = (time.as_secs(), time.subsec_nanos());
        let line = format!("{seconds}.{nanos:09} {name} {number}\n");
        file.write_all(line.as_bytes()).expect("it is writable");
    }
}

#[test]
fn tail_logs_prints_every_line_once_in_order() {
    const LINES: usize = 3_000;
    let directory = Directory::new();
    let names = ["a", "b", "c"];
    let paths = names.map(|name| directory.write(name.as_bytes(), b"0 is there\n"));
    let tail = Ongoing::tail(&[], &[&paths[0], &paths[1], &paths[2]]);
    // From here on all are followed.
    assert_eq!([(); 3].map(|()| tail.next()), ["0 is there"; 3]);

    let clock = Mutex::new(UNIX_EPOCH);
    let mut printed = thread::scope(|scope| {
        for (name, path) in names.iter().zip(&paths) {
            let clock = &clock;
            scope.spawn(move || {
                let open = || OpenOptions::new().append(true).create(true).open(path);
                let mut file = open().expect("it is writable");
                log(&mut file, clock, name, 0..LINES / 3);
                if *name == "b" {
                    // Its name goes first, then the new file comes, and then the writer takes that.
                    fs::rename(path, path.with_extension("1")).expect("it is there");
                    log(&mut file, clock, name, LINES / 3..LINES / 2);
                    let mut new = open().expect("it is writable");
                    log(&mut file, clock, name, LINES / 2..LINES * 2 / 3);
                    log(&mut new, clock, name, LINES * 2 / 3..LINES);
                } else {
                    log(&mut file, clock, name, LINES / 3..LINES);
                }
            });
        }
        (0..LINES).map(|_| tail.next()).collect::<Vec<_>>()
    });
    // All are written, and not all printed.
    let (rest, complaints) = tail.interrupt();
    printed.extend(rest);
    assert_eq!(complaints, Vec::<String>::new());

    for name in names {
        let numbers: Vec<usize> = printed
            .iter()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .filter(|words| words[1] == name)
            .map(|words| words[2].parse().unwrap())
            .collect();
        assert!(numbers.iter().copied().eq(0..LINES), "{name}: {numbers:?}");
    }
    assert_eq!(printed.len(), names.len() * LINES);
    // Every time has as many digits.
    assert!(printed.is_sorted(), "{printed:#?}");
}

#[test]
fn tail_logs_says_what_is_wrong() {
    let complaints: [(&[&str], &str, i32); 4] = [
        (&[], "FILE is missing", 2),
        (&["--from-end"], "FILE is missing", 2),
        (&["-f", "a"], "there is no option -f", 2),
        (&["/"], "/: not a regular file", 1),
    ];
    for (args, complaint, code) in complaints {
        let args: Vec<_> = args.iter().map(OsStr::new).collect();
        let output = run("tail_logs", &args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let first = stderr.lines().next().expect("it says something");
        assert!(
            first.starts_with("tail_logs: ") && first.ends_with(complaint),
            "{stderr}"
        );
        assert_eq!(stderr.contains("Usage: tail_logs"), code == 2, "{stderr}");
        assert_eq!((output.status.code(), output.stdout), (Some(code), vec![]));
    }
}

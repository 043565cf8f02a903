//! The example `tail_logs`, while files grow, go and come.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::directory::Directory;
use crate::ongoing::{Ongoing, PATIENCE};
use crate::run::run;

/// `tail_logs` of these files.
fn tail(options: &[&str], files: &[&Path]) -> Ongoing {
    let options = options.iter().map(OsStr::new);
    let files = files.iter().map(|file| file.as_os_str());
    Ongoing::start("tail_logs", &options.chain(files).collect::<Vec<_>>())
}

fn append(path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("the file is writable");
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
fn follows_growing_files_until_interrupted() {
    const LINES: usize = 500;
    let directory = Directory::new();
    let files = [b"a", b"b"].map(|name| directory.write(name, b"0 is there\n1 is there\n"));
    let tail = tail(&[], &[&files[0], &files[1]]);

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
fn waits_for_files_and_reopens_them() {
    let directory = Directory::new();
    let path = directory.0.join("log");
    let tail = tail(&[], &[&path]);
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
fn orders_what_is_there_by_time() {
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
    let tail = tail(&[], &[&a, &b]);
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
fn skips_what_is_there() {
    let directory = Directory::new();
    let a = directory.write(b"a", b"an old line\nhalf of");
    let b = directory.0.join("b");
    let tail = tail(&["--from-end"], &[&a, &b]);
    // When one is followed, all are.
    tail.stderr.recv_timeout(PATIENCE).expect("one is missing");
    directory.write(b"b", b"followed\n");
    assert_eq!(tail.next(), "followed");
    append(&a, " a new one\nanother\n");
    assert_eq!(tail.next(), "half of a new one");
    assert_eq!(tail.next(), "another");
    assert_eq!(tail.interrupt(), (Vec::new(), Vec::new()));
}

#[test]
fn prints_every_line_once_in_order() {
    const LINES: usize = 3_000;
    let directory = Directory::new();
    let names = ["a", "b", "c"];
    let paths = names.map(|name| directory.write(name.as_bytes(), b"0 is there\n"));
    let tail = tail(&[], &[&paths[0], &paths[1], &paths[2]]);
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
fn says_what_is_wrong() {
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

//! What happened in a run: one file, to which every process of it appends.
//!
//! A line is written by one `write`, so that it is whole even if its process is killed the moment
//! after. The order of the lines is one in which they were written, whoever wrote them.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::time::{ClockId, clock_gettime};

/// The environment variable that tells every process of a run where its log is.
pub const LOG: &str = "CHAOS_TREE_LOG";

/// A log that can be written to.
#[derive(Debug)]
pub struct Log(File);

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in nanoseconds of the machine's monotonic clock.
    pub at: u64,
    /// Who.
    pub pid: u32,
    /// What.
    pub event: String,
    /// What about it.
    pub words: Vec<String>,
}

impl Log {
    /// Opens the log at `path`, which is made if it is not there.
    pub fn open(path: &Path) -> Self {
        let file = OpenOptions::new().append(true).create(true).open(path);
        Self(file.expect("the directory is the test's"))
    }

    /// Appends a line.
    pub fn write(&self, event: &str, words: &[&dyn Display]) {
        let mut line = format!("{}\t{}\t{event}", now(), std::process::id());
        for word in words {
            line.push('\t');
            line.push_str(&word.to_string().replace(['\t', '\n'], " "));
        }
        line.push('\n');
        (&self.0)
            .write_all(line.as_bytes())
            .expect("there is room on the disk");
    }
}

impl Line {
    /// The line that was written as `text`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split('\t');
        Some(Self {
            at: words.next()?.parse().ok()?,
            pid: words.next()?.parse().ok()?,
            event: words.next()?.to_owned(),
            words: words.map(str::to_owned).collect(),
        })
    }

    /// The word at `index`.
    pub fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }

    /// The number at `index`, which the writer has put there.
    pub fn number(&self, index: usize) -> u64 {
        let word = self.word(index);
        word.parse()
            .unwrap_or_else(|_| panic!("no number at {index}: {self:?}"))
    }

    /// The process whose id stands at `index`.
    pub fn process(&self, index: usize) -> u32 {
        self.number(index).try_into().expect("a pid fits")
    }
}

/// Appends a line to the log of this process's run.
pub fn write(event: &str, words: &[&dyn Display]) {
    static RUN: OnceLock<Log> = OnceLock::new();
    RUN.get_or_init(|| {
        let path = std::env::var_os(LOG).expect("a run has a log");
        Log::open(Path::new(&path))
    })
    .write(event, words);
}

/// Everything that was logged so far at `path`.
pub fn read(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(Line::parse).collect()
}

/// Everything that was logged so far in this process's run.
pub fn read_own() -> Vec<Line> {
    let path = std::env::var_os(LOG).expect("a run has a log");
    read(Path::new(&path))
}

/// A number that no other call or scope of the run has.
pub fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    u64::from(std::process::id()) * 10_000 + next
}

/// The lines for a person to read: with milliseconds since the first, and names for processes.
pub fn show(lines: &[Line]) -> String {
    let began = lines.first().map_or(0, |line| line.at);
    let births = lines.iter().filter(|line| line.event == "born");
    let names: BTreeMap<u32, &str> = births.map(|line| (line.pid, line.word(0))).collect();
    let shown = lines.iter().map(|line| {
        Shown {
            line,
            began,
            names: &names,
        }
        .to_string()
    });
    shown.collect::<Vec<_>>().join("\n")
}

struct Shown<'l> {
    line: &'l Line,
    began: u64,
    names: &'l BTreeMap<u32, &'l str>,
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line {
            at,
            pid,
            event,
            words,
        } = self.line;
        let millis = at.saturating_sub(self.began) as f64 / 1e6;
        let name = self.names.get(pid).copied().unwrap_or("-");
        write!(
            f,
            "{millis:9.2} {name}[{pid}] {event} {}",
            words.join(" | ")
        )
    }
}

fn now() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every system has it");
    let now = now.tv_sec() * 1_000_000_000 + now.tv_nsec();
    now.try_into().expect("time goes on")
}

//! Follows growing log files, as `tail -F` does, and merges them by time: one worker per file.
//!
//! ```console
//! $ cargo run --release --example tail_logs -- /var/log/a.log /var/log/b.log
//! 2026-05-01T12:00:00Z a: started
//! 2026-05-01T12:00:01Z b: started
//! ^C
//! ```

#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use tokio::time::{Instant, sleep, timeout_at};
use tractor::{Config, Error};

const USAGE: &str = "\
Usage: tail_logs [--until-idle] FILE..

Prints the lines of every FILE, then those that are appended, until Ctrl-C.

A line is printed when it is complete. A file that is replaced or becomes shorter is read from its
start again; what it ended with, if that was no line, is forgotten. One that is missing is waited
for.

Lines that begin with an RFC 3339 timestamp (compared as text) or with a number are ordered among
the files if they arrive within 50 ms of each other. The lines of one file stay in their order, and
any other line stands where it arrived: behind all that came before it.

  --until-idle  end when every FILE has been read to its end
  --help        this text

The exit status is 130 after Ctrl-C, 2 for a mistake in the arguments, 1 when a file cannot be read.";

/// The exit status for a mistake in the arguments.
const MISTAKEN: u8 = 2;

/// How often a file is looked at that had nothing new.
const POLL: Duration = Duration::from_millis(20);

/// How long a line waits for lines of other files that belong before it.
const WINDOW: Duration = Duration::from_millis(50);

/// What a worker reads at a time.
const CHUNK: usize = 64 << 10;

// What `run` has not seen yet runs in the workers as well: the arguments are parsed and no more.
fn main() -> ExitCode {
    let args = match Args::parse(std::env::args_os().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(mistake) => {
            eprintln!("tail_logs: {mistake}\n\n{USAGE}");
            return MISTAKEN.into();
        }
    };
    tractor::run(Config::new(), async || match tail(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tail_logs: {failure}");
            ExitCode::FAILURE
        }
    })
}

/// Merges the lines of all files onto stdout.
async fn tail(args: Args) -> Result<(), Failure> {
    let Args { files, until_idle } = args;
    tractor::cluster! { modules: [self], count: files.len() }
        .scope(async |workers| {
            let mut merge = Merge::new(files.len(), io::stdout());
            let followed = workers.portals().zip(files).enumerate();
            let mut lines = stream::select_all(followed.map(|(file, (worker, path))| {
                let lines = worker.open_stream_from(follow(path, until_idle));
                lines.map_ok(move |line| (file, line))
            }));
            loop {
                let next = match merge.due() {
                    Some(due) => timeout_at(due, lines.try_next()).await,
                    None => Ok(lines.try_next().await),
                };
                match next {
                    Ok(line) => match line? {
                        Some((file, line)) => merge.push(file, line)?,
                        None => return Ok(merge.write_all()?),
                    },
                    Err(_elapsed) => {}
                }
                merge.write_due(Instant::now())?;
            }
        })
        .await
}

/// The lines of a file, without their newlines: those that are there, then those that come.
#[tractor::rpc]
fn follow(path: OsString, until_idle: bool) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let follower = Follower::new(path.into(), until_idle);
    stream::try_unfold(follower, next_lines)
        .map_ok(|lines| stream::iter(lines).map(Ok))
        .try_flatten()
}

/// The next complete lines, as soon as there are any.
async fn next_lines(mut follower: Follower) -> io::Result<Option<(Vec<Vec<u8>>, Follower)>> {
    loop {
        // Reading files blocks.
        let look = tokio::task::spawn_blocking(move || {
            let found = follower.look();
            (follower, found)
        });
        let found;
        (follower, found) = look.await?;
        match found? {
            Found::Lines(lines) => return Ok(Some((lines, follower))),
            Found::Nothing => sleep(POLL).await,
            Found::End => return Ok(None),
        }
    }
}

/// Follows one file by its name.
struct Follower {
    path: PathBuf,
    until_idle: bool,
    open: Option<Open>,
    told_missing: bool,
}

/// The file that has the name, or had it until lately.
struct Open {
    file: File,
    id: FileId,
    /// How much of it has been read.
    at: u64,
    /// The beginning of a line whose newline has not come.
    rest: Vec<u8>,
}

/// Its device and its inode.
type FileId = (u64, u64);

enum Found {
    Lines(Vec<Vec<u8>>),
    Nothing,
    /// Everything has been read, and no more is to be waited for.
    End,
}

impl Follower {
    fn new(path: PathBuf, until_idle: bool) -> Self {
        Self {
            path,
            until_idle,
            open: None,
            told_missing: false,
        }
    }

    fn look(&mut self) -> io::Result<Found> {
        self.try_look().map_err(|error| named(&self.path, &error))
    }

    fn try_look(&mut self) -> io::Result<Found> {
        // Before the open file is read: what it got before it lost its name is read to the end.
        let named = identify(&self.path)?;
        if self.open.is_none() {
            self.open = Open::new(&self.path)?;
        }
        let Some(open) = &mut self.open else {
            if !self.told_missing {
                eprintln!("tail_logs: waiting for {}", self.path.display());
                self.told_missing = true;
            }
            return Ok(Found::Nothing);
        };
        open.restart_if_shorter()?;
        if let Some(lines) = open.read()? {
            return Ok(Found::Lines(lines));
        }
        if named.is_some_and(|id| id != open.id) {
            self.open = None;
            return Ok(Found::Lines(Vec::new()));
        }
        match self.until_idle {
            true => Ok(Found::End),
            false => Ok(Found::Nothing),
        }
    }
}

impl Open {
    /// `None` when there is no such file.
    fn new(path: &Path) -> io::Result<Option<Self>> {
        let Some(file) = unless_missing(File::open(path))? else {
            return Ok(None);
        };
        let id = id_of(&file.metadata()?);
        Ok(Some(Self {
            file,
            id,
            at: 0,
            rest: Vec::new(),
        }))
    }

    fn restart_if_shorter(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() < self.at {
            self.file.rewind()?;
            self.at = 0;
            self.rest.clear();
        }
        Ok(())
    }

    /// The lines that the next chunk completes; `None` at the end of the file.
    fn read(&mut self) -> io::Result<Option<Vec<Vec<u8>>>> {
        let start = self.rest.len();
        let mut chunk = (&self.file).take(CHUNK as u64);
        let read = chunk.read_to_end(&mut self.rest)?;
        if read == 0 {
            return Ok(None);
        }
        self.at += read as u64;
        let Some(last) = self.rest[start..].iter().rposition(|&byte| byte == b'\n') else {
            return Ok(Some(Vec::new()));
        };
        let rest = self.rest.split_off(start + last + 1);
        let mut complete = std::mem::replace(&mut self.rest, rest);
        complete.pop();
        let lines = complete.split(|&byte| byte == b'\n');
        Ok(Some(lines.map(<[u8]>::to_vec).collect()))
    }
}

/// Which file has this name now, if any has.
fn identify(path: &Path) -> io::Result<Option<FileId>> {
    match unless_missing(fs::metadata(path))? {
        Some(metadata) if !metadata.is_file() => Err(io::Error::other("not a regular file")),
        metadata => Ok(metadata.as_ref().map(id_of)),
    }
}

fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn id_of(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Orders the lines of several files by what they begin with, as far as they come together.
struct Merge<W: Write> {
    /// The lines of each file that still wait.
    waiting: Vec<VecDeque<Waiting>>,
    out: W,
}

/// A line that may have to let others go first.
struct Waiting {
    key: Key,
    due: Instant,
    line: Vec<u8>,
}

impl<W: Write> Merge<W> {
    fn new(files: usize, out: W) -> Self {
        Self {
            waiting: (0..files).map(|_| VecDeque::new()).collect(),
            out,
        }
    }

    fn push(&mut self, file: usize, line: Vec<u8>) -> io::Result<()> {
        match Key::of(&line) {
            Some(key) => {
                let due = Instant::now() + WINDOW;
                self.waiting[file].push_back(Waiting { key, due, line });
                Ok(())
            }
            None => {
                self.write_all()?;
                write_line(&mut self.out, &line)
            }
        }
    }

    /// When the first line has waited long enough.
    fn due(&self) -> Option<Instant> {
        let first = self.waiting.iter().filter_map(VecDeque::front);
        first.map(|waiting| waiting.due).min()
    }

    /// Writes the lines that have waited long enough, each behind those that belong before it.
    fn write_due(&mut self, now: Instant) -> io::Result<()> {
        while self.due().is_some_and(|due| due <= now) {
            self.write_least()?;
        }
        Ok(())
    }

    fn write_all(&mut self) -> io::Result<()> {
        while self.due().is_some() {
            self.write_least()?;
        }
        Ok(())
    }

    fn write_least(&mut self) -> io::Result<()> {
        let nonempty = self.waiting.iter_mut().filter(|lines| !lines.is_empty());
        let least = nonempty.min_by(|a, b| a[0].key.cmp(&b[0].key));
        match least.and_then(VecDeque::pop_front) {
            Some(waiting) => write_line(&mut self.out, &waiting.line),
            None => Ok(()),
        }
    }
}

/// What still waits when Ctrl-C comes is not lost.
impl<W: Write> Drop for Merge<W> {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.write_all();
    }
}

fn write_line(out: &mut impl Write, line: &[u8]) -> io::Result<()> {
    out.write_all(line)?;
    out.write_all(b"\n")
}

/// What a line is ordered by; numbers come before timestamps.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The digits before the point without leading zeros, how many first; then those behind it.
    Number(usize, Vec<u8>, Vec<u8>),
    Timestamp(Vec<u8>),
}

impl Key {
    fn of(line: &[u8]) -> Option<Self> {
        Self::timestamp(line).or_else(|| Self::number(line))
    }

    /// `2026-05-01T12:00:00Z`, with any fraction and any offset.
    fn timestamp(line: &[u8]) -> Option<Self> {
        let seconds = starts_as(line, b"dddd-dd-ddTdd:dd:dd")?;
        let offset = match seconds.strip_prefix(b".") {
            Some(fraction) => digits(fraction)?.1,
            None => seconds,
        };
        let after = starts_as(offset, b"Z")
            .or_else(|| starts_as(offset, b"+dd:dd"))
            .or_else(|| starts_as(offset, b"-dd:dd"))?;
        let text = &line[..line.len() - after.len()];
        Some(Self::Timestamp(text.to_ascii_uppercase()))
    }

    /// `17` or `17.25`, as a word.
    fn number(line: &[u8]) -> Option<Self> {
        let word = line.split(u8::is_ascii_whitespace).next()?;
        let (whole, rest) = digits(word)?;
        let fraction = match rest {
            [] => &[][..],
            [b'.', fraction @ ..] if fraction.iter().all(u8::is_ascii_digit) => fraction,
            _ => return None,
        };
        let zeros = whole.iter().take_while(|&&digit| digit == b'0').count();
        let whole = &whole[zeros..];
        Some(Self::Number(whole.len(), whole.into(), fraction.into()))
    }
}

/// What follows when `text` starts like `pattern`, in which a `d` is a digit. Letters may be small.
fn starts_as<'a>(text: &'a [u8], pattern: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(pattern.len())?;
    let fits = start
        .iter()
        .zip(pattern)
        .all(|(byte, pattern)| match pattern {
            b'd' => byte.is_ascii_digit(),
            other => byte.eq_ignore_ascii_case(other),
        });
    fits.then_some(rest)
}

/// The digits at the start, at least one, and what follows.
fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then(|| text.split_at(count))
}

/// What the command line asks for.
struct Args {
    files: Vec<OsString>,
    until_idle: bool,
}

impl Args {
    /// `None` when help is asked for.
    fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut files, mut until_idle) = (Vec::new(), false);
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--until-idle") => until_idle = true,
                Some("--") => files.extend(words.by_ref()),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("there is no option {option}"));
                }
                _ => files.push(word),
            }
        }
        match files.is_empty() {
            true => Err("FILE is missing".into()),
            false => Ok(Some(Self { files, until_idle })),
        }
    }
}

/// What keeps it from going on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Tree(#[from] Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

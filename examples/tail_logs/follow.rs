//! One file as it grows: what a worker does.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tractor::Context;

use super::Failure;
use super::merge::monotonic;
use super::stamp::Stamp;

/// How often a file is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// What is read at a time.
const CHUNK: u64 = 64 << 10;

/// What a worker says.
#[derive(Serialize, Deserialize)]
pub(crate) enum Entry {
    /// A line, without its newline.
    Line { stamp: Option<Stamp>, text: Vec<u8> },
    /// All that the file held at this time is sent.
    Looked { at: Duration },
}

/// Sends every line of the file, until the opener ends its half of the stream; then what the file
/// holds by then.
#[tractor::context]
pub(crate) async fn follow(
    ctx: Context<(), Entry, ()>,
    path: OsString,
    from_end: bool,
) -> Result<(), Failure> {
    // Before it starts: nothing is printed when one of the files cannot be read at all.
    let mut follower = Follower::open(path.into(), from_end)?;
    let (mut entries, mut end) = ctx.started(()).await?.open_stream().split();
    let mut ending = false;
    loop {
        let at = monotonic();
        follower.look()?;
        // Reading a regular file hardly blocks, and there is nothing else to do here.
        while let Some(lines) = follower.read()? {
            for text in lines {
                let stamp = Stamp::of(&text);
                entries.send(Entry::Line { stamp, text }).await?;
            }
        }
        entries.send(Entry::Looked { at }).await?;
        if ending {
            return Ok(());
        }
        ending = timeout(INTERVAL, end.next()).await.is_ok();
    }
}

/// Follows a file by its name, through replacements and truncations.
struct Follower {
    path: PathBuf,
    open: Option<Open>,
    told_missing: bool,
    /// The beginning of a line whose newline has not come.
    rest: Vec<u8>,
}

/// The file that had the name when it was opened.
struct Open {
    file: File,
    id: FileId,
    /// How much of it has been read.
    read: u64,
    /// What it held when it was looked at.
    length: u64,
    /// The name has gone to another file, and that is written to.
    replaced: bool,
}

/// Its device and its inode.
type FileId = (u64, u64);

impl Follower {
    fn open(path: PathBuf, from_end: bool) -> Result<Self, Failure> {
        let mut follower = Self {
            path,
            open: None,
            told_missing: false,
            rest: Vec::new(),
        };
        follower.reopen()?;
        if let Some(open) = follower.open.as_mut().filter(|_| from_end) {
            let start = last_line(&open.file, open.length);
            open.read = start.map_err(|error| named(&follower.path, error))?;
        }
        Ok(follower)
    }

    /// Looks at what the file holds by now, and whether another one has its name.
    fn look(&mut self) -> Result<(), Failure> {
        match &mut self.open {
            Some(open) => open
                .look(&self.path)
                .map_err(|error| named(&self.path, error)),
            None => self.reopen(),
        }
    }

    /// The lines that the next chunk completes; `None` when all is read that was there at the look.
    fn read(&mut self) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        let Some(open) = &mut self.open else {
            return Ok(None);
        };
        if open.length < open.read {
            open.read = 0;
            return Ok(Some(self.cut_off()));
        }
        let chunk = open.read().map_err(|error| named(&self.path, error))?;
        if !chunk.is_empty() {
            return Ok(Some(self.split(&chunk)));
        }
        if !open.replaced {
            return Ok(None);
        }
        self.reopen()?;
        Ok(Some(self.cut_off()))
    }

    /// Opens the file that has the name now, if there is one.
    fn reopen(&mut self) -> Result<(), Failure> {
        let opened = unless_missing(Open::new(&self.path));
        self.open = opened.map_err(|error| named(&self.path, error))?;
        if self.open.is_none() && !self.told_missing {
            eprintln!("tail_logs: waiting for {}", self.path.display());
            self.told_missing = true;
        }
        Ok(())
    }

    /// The lines that `chunk` completes.
    fn split(&mut self, chunk: &[u8]) -> Vec<Vec<u8>> {
        let mut pieces = chunk.split(|&byte| byte == b'\n');
        let rest = pieces.next_back().unwrap_or_default();
        let lines = pieces
            .map(|piece| {
                self.rest.extend_from_slice(piece);
                std::mem::take(&mut self.rest)
            })
            .collect();
        self.rest.extend_from_slice(rest);
        lines
    }

    /// The line whose newline will not come any more.
    fn cut_off(&mut self) -> Vec<Vec<u8>> {
        match self.rest.is_empty() {
            true => Vec::new(),
            false => vec![std::mem::take(&mut self.rest)],
        }
    }
}

impl Open {
    fn new(path: &Path) -> io::Result<Self> {
        // Asked before it is opened: to open a pipe waits for somebody who writes to it.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        Ok(Self {
            file,
            id: id_of(&metadata),
            read: 0,
            length: metadata.len(),
            replaced: false,
        })
    }

    fn look(&mut self, path: &Path) -> io::Result<()> {
        // In this order: who writes to the new file has finished with the old one, so that the
        // length of that is final. A new file that is still empty proves nothing.
        let current = unless_missing(fs::metadata(path))?;
        self.replaced =
            current.is_some_and(|current| id_of(&current) != self.id && current.len() > 0);
        self.length = self.file.metadata()?.len();
        Ok(())
    }

    /// The next chunk of what was there at the look; empty at the end of that.
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let size = CHUNK.min(self.length - self.read);
        let mut chunk = vec![0; usize::try_from(size).expect("a chunk is small")];
        let read = self.file.read_at(&mut chunk, self.read)?;
        chunk.truncate(read);
        self.read += read as u64;
        Ok(chunk)
    }
}

fn id_of(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn named(path: &Path, error: io::Error) -> Failure {
    let path = path.to_owned();
    Failure::File { path, error }
}

/// Where the last line starts, the one whose newline has not come.
fn last_line(file: &File, length: u64) -> io::Result<u64> {
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        let mut chunk = vec![0; usize::try_from(end - start).expect("a chunk is small")];
        file.read_exact_at(&mut chunk, start)?;
        if let Some(at) = chunk.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

//! The SHA-256 of every regular file below a path, in the format of `sha256sum`.
//!
//! ```console
//! $ cargo run --release --example checksum -- /usr/share/doc
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::num::NonZero;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use tractor::{Config, Error};

const USAGE: &str = "\
Usage: checksum [--workers N] PATH

Prints the SHA-256 of every regular file below PATH, sorted by name, in the format of sha256sum.
Symbolic links are not followed.

  --workers N  the number of worker processes; by default one per core
  --help       this text

The exit status is 0 when every file was read, otherwise the number of files and directories that
could not be read, at most 100; it is 125 when nothing was read because of something else.";

/// More unreadable files than this are not told apart by the exit status.
const MOST_COUNTED: u8 = 100;

/// The exit status when the command itself failed; `env` and `timeout` use the same one.
const FAILED: u8 = 125;

/// What a worker reads at a time.
const CHUNK: usize = 64 << 10;

/// The SHA-256 of one file. A plain function: reading files blocks, so it runs on the worker's
/// blocking pool.
///
/// A name is an `OsString`, because it need not be UTF-8.
#[tractor::rpc]
fn sha256(path: OsString) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(digest.finalize().into()),
            Ok(read) => digest.update(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

// What `run` has not seen yet runs in the workers as well: the arguments are parsed and no more.
fn main() -> ExitCode {
    let args = match Args::parse(std::env::args_os().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(mistake) => {
            eprintln!("checksum: {mistake}\n\n{USAGE}");
            return FAILED.into();
        }
    };
    tractor::run(Config::new(), async || match checksum(args).await {
        Ok(unreadable) => u8::try_from(unreadable)
            .map_or(MOST_COUNTED, |count| count.min(MOST_COUNTED))
            .into(),
        Err(error) => {
            eprintln!("checksum: {error}");
            FAILED.into()
        }
    })
}

/// Prints the checksums below `args.path`, and gives the number of files that could not be read.
async fn checksum(args: Args) -> Result<usize, Failure> {
    // Walking blocks, and the root should hear Ctrl-C meanwhile.
    let walk = tokio::task::spawn_blocking(move || Tree::walk(args.path));
    let tree = walk.await.map_err(io::Error::from)??;
    let names = tree.files.iter().map(|path| path.clone().into_os_string());
    let bar = progress_bar(tree.files.len());

    let cluster = tractor::cluster! { modules: [self], count: args.workers };
    let (sums, unread) = cluster
        .scope(async |workers| {
            let (mut sums, mut unread) = (vec![None; tree.files.len()], 0);
            // Two files each: while one is read, the other is hashed.
            let mut results = workers.map(names, sha256).buffer(2);
            while let Some((index, result)) = results.next().await {
                match result {
                    Ok(sum) => sums[index] = Some(sum),
                    Err(Error::Remote(unreadable)) if !unreadable.is_panic() => {
                        bar.suspend(|| complain(&tree.files[index], unreadable.message()));
                        unread += 1;
                    }
                    Err(other) => return Err(other),
                }
                bar.inc(1);
            }
            Ok((sums, unread))
        })
        .await?;
    bar.finish_and_clear();

    let mut out = BufWriter::new(io::stdout().lock());
    for (path, sum) in tree.files.iter().zip(sums) {
        if let Some(sum) = sum {
            write_line(&mut out, &sum, path.as_os_str())?;
        }
    }
    out.flush()?;
    Ok(tree.unreadable + unread)
}

/// What the command line asks for.
struct Args {
    workers: usize,
    path: PathBuf,
}

impl Args {
    /// `None` when help is asked for.
    fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut workers = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut paths = Vec::new();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--workers") => workers = number(words.next())?,
                Some("--") => paths.extend(words.by_ref()),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("there is no option {option}"));
                }
                _ => paths.push(word),
            }
        }
        let path = paths.pop().ok_or("PATH is missing")?.into();
        if !paths.is_empty() {
            return Err("there is more than one PATH".into());
        }
        Ok(Some(Self { workers, path }))
    }
}

fn number(word: Option<OsString>) -> Result<usize, String> {
    let number = word.and_then(|word| word.to_str()?.parse().ok());
    match number {
        None | Some(0) => Err("--workers needs a number that is at least 1".into()),
        Some(number) => Ok(number),
    }
}

/// The regular files below a path, sorted by the bytes of their names.
#[derive(Default)]
struct Tree {
    files: Vec<PathBuf>,
    /// The directories that could not be read.
    unreadable: usize,
}

impl Tree {
    fn walk(top: PathBuf) -> io::Result<Self> {
        let mut tree = Self::default();
        let mut directories = Vec::new();
        let kind = fs::symlink_metadata(&top).map_err(|error| named(&top, &error))?;
        if kind.is_dir() {
            directories.push(top);
        } else if kind.is_file() {
            tree.files.push(top);
        } else {
            let message = "neither a regular file nor a directory";
            return Err(named(&top, &io::Error::other(message)));
        }
        while let Some(directory) = directories.pop() {
            if let Err(error) = tree.list(&directory, &mut directories) {
                complain(&directory, &error.to_string());
                tree.unreadable += 1;
            }
        }
        tree.files
            .sort_unstable_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
        Ok(tree)
    }

    fn list(&mut self, directory: &Path, directories: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                directories.push(entry.path());
            } else if kind.is_file() {
                self.files.push(entry.path());
            }
        }
        Ok(())
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn complain(path: &Path, message: &str) {
    eprintln!("checksum: {}: {message}", path.display());
}

/// One line of `sha256sum`: a name with a backslash or a line break is escaped, and then a
/// backslash begins the line.
fn write_line(out: &mut impl Write, sum: &[u8; 32], name: &OsStr) -> io::Result<()> {
    let name = name.as_bytes();
    if name.iter().any(|byte| b"\\\n\r".contains(byte)) {
        out.write_all(b"\\")?;
    }
    for byte in sum {
        write!(out, "{byte:02x}")?;
    }
    out.write_all(b"  ")?;
    for byte in name {
        match byte {
            b'\\' => out.write_all(b"\\\\")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\r' => out.write_all(b"\\r")?,
            other => out.write_all(&[*other])?,
        }
    }
    out.write_all(b"\n")
}

/// A bar on stderr; nothing when that is no terminal.
fn progress_bar(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} files, {eta} left")
        .expect("the template is a valid one");
    ProgressBar::new(files as u64).with_style(style)
}

/// What keeps the whole from being done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Tree(#[from] Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

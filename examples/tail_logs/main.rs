//! Follows log files as they grow, as `tail -F` does, and merges their lines by time.
//!
//! Every file has a worker, a process of its own, which sends what it reads over the stream of a
//! context. The root merges the streams. Ctrl-C ends its half of them: the workers read what is
//! there by then, send it and return, and when all of that is printed, the tree is gone.
//!
//! ```console
//! $ cargo run --release --example tail_logs -- --from-end web.log db.log
//! 2026-05-01T12:00:00.120Z web: GET /
//! 2026-05-01T12:00:00.121Z db: SELECT 1
//! 2026-05-01T12:00:00.123Z web: 200
//! ^C
//! ```

#![forbid(unsafe_code)]

mod follow;
mod merge;
mod stamp;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tractor::{Config, Error, ReceiveHalf, SendHalf, gather_contexts, shield};

use self::follow::Entry;
use self::merge::Merge;

const USAGE: &str = "\
Usage: tail_logs [--from-end] FILE..

Prints the lines of every FILE, then those that are appended, until Ctrl-C.

A line is printed when it is complete. A file that is replaced or becomes shorter is read from its
start again; what it ended with, if that was no line, is printed as one. One that is missing is
waited for.

Lines are ordered among the files by the time with which they begin: RFC 3339, seconds since 1970,
or 13 digits of milliseconds. A line waits 50 ms for older ones. The lines of one file stay in
their order, and any other line stands behind the one before it.

  --from-end  skip the lines that are there already
  --help      this text

The exit status is 130 after Ctrl-C, 2 for a mistake in the arguments, 1 when a file cannot be read.";

/// The exit status for a mistake in the arguments.
const MISTAKEN: u8 = 2;

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
        // Whoever reads the output has seen enough.
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Tree(Error::Remote(error))) => {
            eprintln!("tail_logs: {}", error.message());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("tail_logs: {error}");
            ExitCode::FAILURE
        }
    })
}

async fn tail(args: Args) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let cluster = tractor::cluster! { modules: [follow], count: args.files.len() };
    let tailing = cluster.scope(async |workers| {
        let contexts = workers
            .portals()
            .zip(args.files)
            .map(|(portal, file)| portal.open_context(follow::follow(file, args.from_end)));
        gather_contexts(contexts)
            .scope(async |contexts| {
                let streams = contexts.iter().map(|(ctx, ())| ctx.open_stream().split());
                let (senders, receivers) = streams.unzip();
                print(senders, receivers, stop).await
            })
            .await
    });
    // A signal would drop what `run` runs at its next await; this wants to come to its end.
    shield(tailing).await
}

/// Prints what the workers send, until they have returned, which they do when `stop` is asked for.
async fn print(
    mut senders: Vec<SendHalf<()>>,
    receivers: Vec<ReceiveHalf<Entry>>,
    mut stop: Stop,
) -> Result<(), Failure> {
    let mut merge = Merge::new(receivers);
    loop {
        tokio::select! {
            lines = merge.next() => match lines? {
                Some(lines) => {
                    let mut out = io::stdout().lock();
                    out.write_all(&lines)?;
                    out.flush()?;
                }
                None => return Ok(()),
            },
            // Dropped, they end what is sent to the workers.
            () = stop.asked() => senders.clear(),
        }
    }
}

/// The signals that ask for the end; a second one kills the tree.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What the command line asks for.
struct Args {
    from_end: bool,
    files: Vec<OsString>,
}

impl Args {
    /// `None` when help is asked for.
    fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut from_end, mut files) = (false, Vec::new());
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--from-end") => from_end = true,
                Some("--") => files.extend(words.by_ref()),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("there is no option {option}"));
                }
                _ => files.push(word),
            }
        }
        match files.is_empty() {
            true => Err("FILE is missing".into()),
            false => Ok(Some(Self { from_end, files })),
        }
    }
}

/// What keeps it from going on, in a worker or in the root.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A file cannot be read.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    /// Something else cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A worker is gone.
    #[error(transparent)]
    Tree(#[from] Error),
}

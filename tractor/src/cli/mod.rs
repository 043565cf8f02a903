//! The `tractor` command: looks into a running tree of actors, and changes what it logs.

mod args;
mod attach;
mod find;
mod list;
mod top;
mod trouble;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use self::args::{Args, Format, What};
use self::attach::Attached;
use self::trouble::Trouble;
use crate::base::{ActorSnapshot, Style, block_on, fold, takes_colours, width};

/// What the command `tractor` does.
///
/// It is 0 when that was done, 1 when it could not be, and 2 when the arguments make no sense.
pub fn main() -> ExitCode {
    let args = match Args::of_this_process() {
        Ok(args) => args,
        Err(error) => {
            // It knows where its text belongs, and that asking for help is no mistake.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read it has seen enough.
        Err(Trouble::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("tractor: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Trouble> {
    let root = match &args.what {
        What::List => return list::print(),
        _ => find::root(args.pid)?,
    };
    match &args.what {
        What::Top { every } => top::show(root, args.within, *every),
        What::Log { filter, actor } => set_levels(root, args.within, filter, actor.as_deref()),
        _ => print(&look(root, args)?, args),
    }
}

/// Looks once.
fn look(root: u32, args: &Args) -> Result<ActorSnapshot, Trouble> {
    let runtime = attach::runtime()?;
    block_on(&runtime, async {
        Attached::to(root)?.look(args.within).await
    })
}

/// Changes the levels, and tells of how many.
fn set_levels(
    root: u32,
    within: Duration,
    filter: &str,
    actor: Option<&str>,
) -> Result<(), Trouble> {
    let runtime = attach::runtime()?;
    let changed = block_on(&runtime, async {
        let (filter, actor) = (filter.to_owned(), actor.map(str::to_owned));
        Attached::to(root)?.set_levels(within, filter, actor).await
    })?;
    let told = match (changed, actor) {
        (0, Some(name)) => {
            let name = name.to_owned();
            return Err(Trouble::NoActor { name });
        }
        (1, _) => writeln!(io::stdout(), "1 actor has changed"),
        _ => writeln!(io::stdout(), "{changed} actors have changed"),
    };
    told.map_err(Trouble::Output)
}

/// So many calls of each kind, and streams, are shown at a glance.
const OLDEST: usize = 3;

fn print(tree: &ActorSnapshot, args: &Args) -> Result<(), Trouble> {
    let mut out = io::stdout().lock();
    let written = match args.format {
        Format::Json => serde_json::to_writer_pretty(&mut out, tree)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        Format::Text => {
            let style = Style {
                most: match &args.what {
                    What::Tree => OLDEST,
                    _ => usize::MAX,
                },
                colours: takes_colours(&out),
            };
            let text = tree.styled(style).to_string();
            match width(&out) {
                Some(width) => writeln!(out, "{}", fold(&text, width)),
                None => writeln!(out, "{text}"),
            }
        }
    };
    written.and_then(|()| out.flush()).map_err(Trouble::Output)
}

//! Why nothing can be shown.

use std::io;

use crate::process::name;

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("there is no process {pid}")]
    NoProcess { pid: u32 },
    #[error(
        "process {pid} belongs to user {owner}, and this is user {me}: only the same user, and root, \
         may look into it"
    )]
    NotOurs { pid: u32, owner: u32, me: u32 },
    #[error(
        "process {pid} (`{name}`) belongs to no tree of actors that can be looked into: its program has \
         to be built with debug assertions, to have `inspect = true` in `#[tractor::main]`, or to be \
         started with TRACTOR_INSPECT=1"
    )]
    NoWindow { pid: u32, name: String },
    #[error(
        "no tree of actors runs that can be looked into; `tractor --help` tells when one can be"
    )]
    NoTree,
    #[error("more than one tree runs; say which one:\n{list}")]
    WhichTree { list: String },
    #[error(
        "process {pid} answers in another version of this command's language: use the command that \
         comes with the version of tractor which its program is built with"
    )]
    OtherVersion { pid: u32 },
    #[error("process {pid} has ended")]
    Ended { pid: u32 },
    #[error(
        "process {pid} hangs up: too many look into it already, or to it this is another user, as in a \
         user namespace"
    )]
    Refused { pid: u32 },
    #[error("process {pid} has just ended, or is in another network namespace")]
    OutOfReach { pid: u32 },
    #[error("cannot look into process {pid}: {error}")]
    Lost { pid: u32, error: io::Error },
    #[error("process {pid} does not answer: `tractor tree {pid}` may show why")]
    NoAnswer { pid: u32 },
    #[error("{reason}")]
    Failed { reason: String },
    #[error("no actor is called `{name}`; `tractor tree` shows their names")]
    NoActor { name: String },
    #[error("cannot show it: {0}")]
    Output(io::Error),
    #[error("cannot begin: {0}")]
    Begin(io::Error),
    #[error("ended by a signal")]
    Signalled,
    #[error("`tractor top` needs a terminal; `tractor tree` does not")]
    NoTerminal,
}

impl Trouble {
    /// The process `pid` cannot be looked into.
    pub(super) fn no_window(pid: u32) -> Self {
        Self::NoWindow {
            pid,
            name: name(pid).unwrap_or_default(),
        }
    }
}

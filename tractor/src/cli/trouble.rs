//! Why nothing can be shown.

use std::io;

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
    #[error("process {pid} cannot say what its tree does: {reason}")]
    Failed { pid: u32, reason: String },
    #[error("cannot look into process {pid}: {error}")]
    Lost { pid: u32, error: io::Error },
    #[error("cannot show it: {0}")]
    Output(io::Error),
    #[error("`tractor top` needs a terminal; `tractor tree` does not")]
    NoTerminal,
}

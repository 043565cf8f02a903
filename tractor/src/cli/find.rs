//! Which process is asked.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use nix::unistd::geteuid;

use super::list::Tree;
use super::trouble::Trouble;
use crate::base::ProcessState;
use crate::process::{find_window, parent, usage};

/// The root of the tree that `pid` belongs to, or of the only one that there is.
pub(super) fn root(pid: Option<u32>) -> Result<u32, Trouble> {
    if let Some(pid) = pid {
        return above(pid);
    }
    let trees = Tree::all();
    match trees.as_slice() {
        [] => Err(Trouble::NoTree),
        [only] => Ok(only.pid),
        several => {
            let lines: Vec<_> = several.iter().map(Tree::to_string).collect();
            Err(Trouble::WhichTree {
                list: lines.join("\n"),
            })
        }
    }
}

/// The first process from `pid` upwards that can be looked into.
fn above(pid: u32) -> Result<u32, Trouble> {
    let mut next = pid;
    loop {
        match window(next) {
            Ok(Some(_)) => return Ok(first_with_window(next)),
            Ok(None) => {}
            Err(trouble) if next == pid => return Err(trouble),
            // Somebody else has started the tree, or what is no tree.
            Err(_) => break,
        }
        match parent(next) {
            Some(above) if above > 0 => next = above,
            _ => break,
        }
    }
    Err(Trouble::no_window(pid))
}

/// The process to which the window of `pid` belongs: others may have been copied from it, by `fork`.
pub(super) fn first_with_window(pid: u32) -> u32 {
    let window = |pid| find_window(pid).ok().flatten();
    let (mut first, name) = (pid, window(pid));
    while let Some(above) = parent(first)
        && above > 0
        && window(above) == name
    {
        first = above;
    }
    first
}

/// The name of the window of the process `pid`, if it has one.
pub(super) fn window(pid: u32) -> Result<Option<String>, Trouble> {
    if has_ended(pid) {
        return Err(Trouble::NoProcess { pid });
    }
    find_window(pid).map_err(|error| match (error.kind(), owner(pid)) {
        (io::ErrorKind::NotFound, _) | (_, None) => Trouble::NoProcess { pid },
        (io::ErrorKind::PermissionDenied, Some(owner)) if owner != geteuid().as_raw() => {
            let me = geteuid().as_raw();
            Trouble::NotOurs { pid, owner, me }
        }
        _ => Trouble::Lost { pid, error },
    })
}

/// True of a process that nobody has reaped yet.
fn has_ended(pid: u32) -> bool {
    usage(pid).is_some_and(|process| process.state == ProcessState::Ended)
}

/// The user that a process belongs to.
fn owner(pid: u32) -> Option<u32> {
    Some(fs::metadata(format!("/proc/{pid}")).ok()?.uid())
}

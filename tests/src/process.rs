//! The processes of the machine, as `/proc` shows them.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::fs;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// One process, at the moment it was looked at.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its parent.
    pub parent: u32,
    /// Its process group, which a zombie still has.
    pub group: u32,
    /// Its state, as `ps` prints it: `S`, `R`, `T`, `Z`, ..
    pub state: char,
    /// Its name, as `ps -o comm` prints it.
    pub comm: String,
    /// Its command line; empty for a zombie.
    pub command: String,
}

impl Process {
    /// The process `pid`, if there is one.
    pub fn find(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (before, after) = (stat.find('(')?, stat.rfind(')')?);
        let mut fields = stat[after + 1..].split_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        Some(Self {
            pid,
            parent,
            group,
            state,
            comm: stat[before + 1..after].to_owned(),
            command: command.trim_end().to_owned(),
        })
    }

    /// True when it has ended and was not reaped.
    pub fn is_zombie(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pid,
            parent,
            state,
            comm,
            command,
            ..
        } = self;
        write!(f, "{pid} {state} (parent {parent}) {comm}: {command}")
    }
}

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Files and sockets that it has open.
    pub descriptors: usize,
    /// Its threads.
    pub threads: usize,
    /// KiB that are its own, and not shared with other processes of the same image.
    pub private: usize,
}

impl Usage {
    /// What the process `pid` uses now.
    ///
    /// # Panics
    ///
    /// When there is no such process, or it is somebody else's.
    pub fn of(pid: u32) -> Self {
        let proc = PathBuf::from(format!("/proc/{pid}"));
        let entries = |dir: &str| fs::read_dir(proc.join(dir)).expect("it is ours").count();
        let memory = fs::read_to_string(proc.join("smaps_rollup")).expect("it is ours");
        let private = memory.lines().filter_map(|line| {
            let kib = line.strip_prefix("Private_")?.split_whitespace().nth(1)?;
            kib.parse::<usize>().ok()
        });
        Self {
            descriptors: entries("fd"),
            threads: entries("task"),
            private: private.sum(),
        }
    }
}

/// How many descriptors besides the three every program has are handed on to what this one starts:
/// those that were handed to it, by a shell for instance.
///
/// # Panics
///
/// When `/proc` cannot be read.
pub fn inherited_descriptors() -> usize {
    let entries = fs::read_dir("/proc/self/fdinfo").expect("/proc is mounted");
    let is_handed_on = |path: PathBuf| {
        let number: u32 = path.file_name()?.to_str()?.parse().ok()?;
        let info = fs::read_to_string(&path).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let flags = i32::from_str_radix(flags.trim(), 8).ok()?;
        Some(number > 2 && flags & OFlag::O_CLOEXEC.bits() == 0)
    };
    entries
        .filter(|entry| {
            let path = entry.as_ref().map(fs::DirEntry::path).ok();
            path.and_then(is_handed_on).unwrap_or(false)
        })
        .count()
}

/// Every process of the machine.
pub fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc is mounted");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(Process::find).collect()
}

/// Reaps what has ended of a group, as far as this process is its parent, or has adopted it.
pub fn reap_group(group: u32) -> Vec<u32> {
    let group = i32::try_from(group).expect("a pid");
    let mut reaped = Vec::new();
    loop {
        match waitpid(Pid::from_raw(-group), Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return reaped,
            Ok(status) => {
                let pid = status.pid().map(Pid::as_raw);
                reaped.extend(pid.and_then(|pid| u32::try_from(pid).ok()));
            }
            Err(Errno::EINTR) => {}
            Err(error) => panic!("cannot reap orphans: {error}"),
        }
    }
}

/// The processes of a group, and whatever is below them.
pub fn of_group(group: u32) -> Vec<Process> {
    let all = all();
    let mut members: BTreeSet<u32> = all
        .iter()
        .filter(|process| process.group == group)
        .map(|process| process.pid)
        .collect();
    add_descendants(&all, &mut members);
    all.into_iter()
        .filter(|process| members.contains(&process.pid))
        .collect()
}

/// The living actors below the root actor `root`, wherever they hang in the tree of processes, and
/// the zombies of this process.
pub fn of_root(root: &str) -> Vec<Process> {
    let mark = format!("tractor-child[{root}.");
    let me = std::process::id();
    all()
        .into_iter()
        .filter(|process| {
            process.command.contains(&mark) || (process.is_zombie() && process.parent == me)
        })
        .collect()
}

/// True while this process starts another one, which nobody sees before it has executed its image.
///
/// # Panics
///
/// When `/proc` cannot be read.
pub fn is_starting_one() -> bool {
    let threads = fs::read_dir("/proc/self/task").expect("/proc is mounted");
    let mut names = threads.filter_map(|thread| fs::read(thread.ok()?.path().join("comm")).ok());
    names.any(|name| name.starts_with(b"tractor-spawn"))
}

/// This process and what is below it, with every actor there is, for a person to read.
pub fn tree() -> String {
    let all = all();
    let mut members = BTreeSet::from([std::process::id()]);
    add_descendants(&all, &mut members);
    let mut text = String::from("processes:");
    for process in all {
        if members.contains(&process.pid) || process.command.contains("tractor-child[") {
            let _ = write!(text, "\n  {process}");
        }
    }
    text
}

/// The processes, one a line.
pub fn list(processes: &[Process]) -> String {
    let lines: Vec<_> = processes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn add_descendants(all: &[Process], members: &mut BTreeSet<u32>) {
    loop {
        let before = members.len();
        for process in all {
            if members.contains(&process.parent) {
                members.insert(process.pid);
            }
        }
        if members.len() == before {
            return;
        }
    }
}

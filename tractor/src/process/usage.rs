//! What the kernel says of a process.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::unistd::{SysconfVar, sysconf};

use crate::base::{ProcessSnapshot, ProcessState};

/// What the kernel says of the process `pid`; `None` when it is gone, or where there is no `/proc`.
pub(crate) fn usage(pid: u32) -> Option<ProcessSnapshot> {
    let stat = read(format!("/proc/{pid}/stat"))?;
    let uptime = read("/proc/uptime")?;
    let uptime: f64 = uptime.split(' ').next()?.parse().ok()?;
    let per_second = setting(SysconfVar::CLK_TCK)?;
    let page = setting(SysconfVar::PAGE_SIZE)?;
    let mut process = parse(pid, &stat, uptime, per_second, page)?;
    let threads = thread_files(pid, "stat");
    let states = threads.filter_map(|stat| state(stat.rsplit_once(") ")?.1));
    // The busiest of them.
    process.state = states.min().unwrap_or(process.state);
    Some(process)
}

/// The children of the process `pid`, with their names; none where the kernel does not tell.
pub(crate) fn children(pid: u32) -> Vec<(u32, String)> {
    let mut children: Vec<_> = thread_files(pid, "children")
        .flat_map(|list| list.split(' ').filter_map(named).collect::<Vec<_>>())
        .collect();
    children.sort_unstable();
    children
}

/// What is in the file `name` of every thread of the process `pid`.
fn thread_files(pid: u32, name: &str) -> impl Iterator<Item = String> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten();
    threads.filter_map(move |thread| read(thread.ok()?.path().join(name)))
}

/// The state that fields of `/proc/<pid>/stat` begin with.
fn state(fields: &str) -> Option<ProcessState> {
    Some(match fields.chars().next()? {
        'R' => ProcessState::Running,
        'D' => ProcessState::Blocked,
        'T' | 't' => ProcessState::Stopped,
        'Z' | 'X' | 'x' => ProcessState::Ended,
        _ => ProcessState::Sleeping,
    })
}

fn named(pid: &str) -> Option<(u32, String)> {
    let pid: u32 = pid.trim().parse().ok()?;
    Some((pid, name(pid)?))
}

/// The name of the process `pid`, cut to what the kernel keeps; a process can have any name, and here it
/// is one part of an actor's path, fit to be printed.
pub(crate) fn name(pid: u32) -> Option<String> {
    let name = read(format!("/proc/{pid}/comm"))?;
    let name = name.trim_end();
    Some(name.replace(|c: char| c == '.' || c.is_control(), "_"))
}

/// The process that has started the process `pid`, or has taken it over.
#[cfg(feature = "cli")]
pub(crate) fn parent(pid: u32) -> Option<u32> {
    let stat = read(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(1)?.parse().ok()
}

/// What is in a file, where the kernel may have cut a name within a character.
fn read(path: impl AsRef<Path>) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn setting(name: SysconfVar) -> Option<u64> {
    sysconf(name).ok()??.try_into().ok()
}

/// Reads `/proc/<pid>/stat`; see `proc_pid_stat(5)`. `uptime` is in seconds, times in the file are in
/// ticks, `per_second` of them, memory in pages.
fn parse(pid: u32, stat: &str, uptime: f64, per_second: u64, page: u64) -> Option<ProcessSnapshot> {
    // The name, in parentheses, may have anything in it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let state = state(fields)?;
    let fields: Vec<_> = fields.split(' ').collect();
    // The manual counts from 1, and the first field here is its third.
    let field = |number: usize| fields.get(number - 3).copied();
    let number = |at: usize| field(at)?.trim_end().parse::<u64>().ok();
    let time = |ticks: u64| Duration::from_millis(ticks.saturating_mul(1000) / per_second.max(1));
    let uptime = Duration::try_from_secs_f64(uptime).ok()?;
    Some(ProcessSnapshot {
        pid,
        state,
        threads: number(20)?.try_into().ok()?,
        memory: number(24)?.saturating_mul(page),
        cpu: time(number(14)?.saturating_add(number(15)?)),
        age: uptime.saturating_sub(time(number(22)?)),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, usage};
    use crate::base::ProcessState;

    #[test]
    fn file_of_the_kernel_is_read() {
        let stat =
            "42 (a) b (c) T 1 42 42 0 -1 4194560 90 0 0 0 150 50 0 0 20 0 3 0 1000 9999 256 1\n";
        let process = parse(42, stat, 70.5, 100, 4096).expect("it is whole");
        assert_eq!(process.state, ProcessState::Stopped);
        assert_eq!(process.threads, 3);
        assert_eq!(process.memory, 1 << 20);
        assert_eq!(process.cpu, Duration::from_secs(2));
        assert_eq!(process.age, Duration::from_millis(60_500));
        assert_eq!(parse(42, "42 (cut) T 1", 1.0, 100, 4096), None);
    }

    #[test]
    fn nobody_has_no_usage() {
        let me = usage(std::process::id()).expect("this process is there");
        assert!(me.memory > 0 && me.threads > 0, "{me:?}");
        assert_eq!(usage(u32::MAX), None);
    }
}

//! The core that a process is pinned to.

use std::io;

/// Pins the calling thread, and what it starts, to one core.
///
/// What counts is the kernel's limit for this process (its cpuset), not where the thread may run
/// now: an actor that is pinned itself can start one on another core.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn pin_this_thread(core: usize) -> io::Result<()> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    const THIS_THREAD: Pid = Pid::from_raw(0);

    let mut wanted = CpuSet::new();
    if wanted.set(core).is_ok() && sched_setaffinity(THIS_THREAD, &wanted).is_ok() {
        return Ok(());
    }
    // The kernel takes from every core there could be those that are allowed. The thread starts
    // nothing any more.
    let mut every = CpuSet::new();
    (0..CpuSet::count()).try_for_each(|core| every.set(core))?;
    sched_setaffinity(THIS_THREAD, &every)?;
    let allowed = sched_getaffinity(THIS_THREAD)?;
    let allowed = (0..CpuSet::count()).filter(|core| allowed.is_set(*core) == Ok(true));
    let message = format!(
        "it cannot be pinned to core {core}: the cores of this process are {}",
        ranges(allowed)
    );
    Err(io::Error::other(message))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn pin_this_thread(core: usize) -> io::Result<()> {
    let message = format!("it cannot be pinned to core {core}: only Linux can do that");
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

/// Numbers in ascending order, as the kernel writes them: `0-3,8`.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn ranges(numbers: impl IntoIterator<Item = usize>) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let ranges = ranges.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(",")
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::ranges;

    #[test]
    fn cores_read_as_the_kernel_writes_them() {
        assert_eq!(ranges([]), "");
        assert_eq!(ranges([3]), "3");
        assert_eq!(ranges([0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
    }
}

//! How many are at work around an end of a link.
//!
//! With more actors at work than there are processors, whoever looks for something may keep the one from
//! working that it waits for: it gives way. Another thread of this process that works for its runtime
//! it would not notice so soon.

use std::cell::RefCell;
use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

/// Links that were used within this time are used at the same time.
const EPOCH: Duration = Duration::from_micros(200);

/// Whether so many `actors` at work are more than get along without each other's processor.
pub(super) fn is_crowd(actors: u32) -> bool {
    actors > processors()
}

/// Whether what a runtime waits for may come from another thread of this process.
pub(super) fn is_elsewhere() -> bool {
    ELSEWHERE.load(Ordering::Relaxed) > 0
}

/// Longer than it takes to ask for others where there are none: a peer that works on the same processor takes
/// more.
const MOMENT: Duration = Duration::from_micros(3);

/// A link, as it is counted among those of its thread.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// When it was counted last.
    epoch: u64,
}

impl Counted {
    /// The link is used `now`. Gives the number of actors that are at work here, this one included.
    pub(super) fn actors(&mut self, now: Instant) -> u32 {
        1 + USED.with_borrow_mut(|used| used.count(now, Some(&mut self.epoch)))
    }
}

/// Lets others have this processor. True when somebody took it, and so was waiting.
pub(super) fn give_way(now: Instant) -> bool {
    thread::yield_now();
    now.elapsed() > MOMENT
}

/// How many actors are at work here, this one included.
pub(super) fn actors(now: Instant) -> u32 {
    1 + USED.with_borrow_mut(|used| used.count(now, None))
}

/// The links of a thread that are used at the same time.
#[derive(Debug)]
struct Used {
    epoch: u64,
    /// When this epoch began.
    began: Option<Instant>,
    /// How many were used in this epoch, and in the one before.
    links: [u32; 2],
}

thread_local! {
    static USED: RefCell<Used> = const {
        RefCell::new(Used { epoch: 0, began: None, links: [0, 0] })
    };
}

impl Used {
    /// How many are used, with the one that was last counted in `epoch`.
    fn count(&mut self, now: Instant, epoch: Option<&mut u64>) -> u32 {
        let elapsed = self.began.map(|began| now - began);
        if elapsed.is_none_or(|elapsed| elapsed >= EPOCH) {
            let follows = elapsed.is_some_and(|elapsed| elapsed < 2 * EPOCH);
            self.links = [0, if follows { self.links[0] } else { 0 }];
            self.began = Some(now);
            self.epoch += 1;
        }
        if let Some(epoch) = epoch.filter(|epoch| **epoch != self.epoch) {
            *epoch = self.epoch;
            self.links[0] += 1;
        }
        self.links[0].max(self.links[1])
    }
}

/// How much other threads of this process do for their runtimes.
static ELSEWHERE: AtomicU32 = AtomicU32::new(0);

/// While it lives, what a runtime waits for may come from another thread: nobody looks.
#[derive(Debug)]
pub(crate) struct Elsewhere(());

impl Elsewhere {
    pub(crate) fn new() -> Self {
        ELSEWHERE.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        ELSEWHERE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The processors that the tree of actors has.
static PROCESSORS: OnceLock<u32> = OnceLock::new();

/// How many processors the tree of actors has.
pub(crate) fn processors() -> u32 {
    *PROCESSORS.get_or_init(|| {
        let available = available_parallelism().map_or(1, NonZero::get);
        let available = match is_pinned() {
            // The other actors run elsewhere, or their processor's number tells that they do not.
            true => available.max(2),
            false => available,
        };
        u32::try_from(available).unwrap_or(u32::MAX)
    })
}

/// True of a thread that is kept to one processor.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_pinned() -> bool {
    use nix::sched::{CpuSet, sched_getaffinity};
    use nix::unistd::Pid;

    let allowed = sched_getaffinity(Pid::from_raw(0));
    allowed.is_ok_and(|set| {
        let allowed = (0..CpuSet::count()).filter(|number| set.is_set(*number) == Ok(true));
        allowed.count() == 1
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_pinned() -> bool {
    false
}

/// Notes how many processors the tree of actors has: an actor that is pinned sees only its own.
pub(crate) fn know_processors(count: u32) {
    PROCESSORS.get_or_init(|| count);
}

/// The processor of this thread, and 1; 0 where that cannot be told.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn processor() -> u32 {
    let number = nix::sched::sched_getcpu().unwrap_or(usize::MAX);
    u32::try_from(number.wrapping_add(1)).unwrap_or(0)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn processor() -> u32 {
    0
}

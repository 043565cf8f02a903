//! Looking whether something has come, before a thread sleeps.
//!
//! A sleeper costs two system calls and a wake-up, which is ten times what a call through shared
//! memory takes. Therefore a thread whose runtime has nothing to do looks for a while whether one of
//! its links has something to do: tokio calls [`look`] before it would block, and a task that is
//! woken there keeps it from that. While the runtime is at work, its ends of the rings say that they
//! sleep, and the bell is heard like any other event.
//!
//! It is looked as often as that is likely to pay, and never in a crowd: with more actors at work
//! than there are processors, whoever looks keeps the one from working that it waits for. Nor is it
//! looked while another thread of this process is at work for the runtime, whose wake-up would not be
//! heard.

use std::cell::RefCell;
use std::hint;
use std::num::NonZero;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Waker};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use super::header::End;
use super::ring::Ring;

/// How long it is looked. It has to be longer than the wake-up of a peer that sleeps on another processor,
/// which takes 60 µs on a virtual machine: or it is always a moment after it fell asleep that an end is
/// woken, and its peer does the same.
const LONG: Duration = Duration::from_micros(150);

/// After so many failures in a row, looking is given a chance only once in so many waits, to the power
/// of two.
const MOST_FAILURES: u32 = 8;

/// Links that were used within this time are used at the same time.
const EPOCH: Duration = Duration::from_micros(200);

/// How often is looked between two looks at the clock.
const LOOKS: u32 = 16;

/// What one end of a ring waits for.
#[derive(Debug)]
pub(super) struct Watch {
    ring: Ring,
    end: End,
    place: Place,
    state: Mutex<State>,
}

/// Where the two ends of a link tell each other what is around them: in front of one of its rings, so
/// that it is found whichever of them an end waits for.
#[derive(Debug, Clone)]
pub(super) struct Place {
    ring: Ring,
    end: End,
}

impl Place {
    /// As `end` of the ring for which both have agreed on that.
    pub(super) fn new(ring: Ring, end: End) -> Self {
        Self { ring, end }
    }
}

#[derive(Debug)]
struct State {
    /// The peer's position when there was nothing to do.
    seen: u64,
    waker: Option<Waker>,
    /// How often in a row nothing had come while it was looked.
    failures: u32,
    /// How often it was waited without a look since then.
    waits: u32,
    /// True while it is on its thread's list.
    listed: bool,
    /// When it was counted among those that are used.
    epoch: u64,
}

/// The watches of a thread that looks before it sleeps.
#[derive(Debug)]
struct Lookout {
    watches: Vec<Arc<Watch>>,
    epoch: u64,
    began: Instant,
    /// The links that were used in this epoch, and in the one before.
    used: [u32; 2],
}

thread_local! {
    /// `None` where nobody [looks](look).
    static LOOKOUT: RefCell<Option<Lookout>> = const { RefCell::new(None) };
}

impl Watch {
    pub(super) fn new(ring: Ring, end: End, place: Place) -> Arc<Self> {
        Arc::new(Self {
            ring,
            end,
            place,
            state: Mutex::new(State {
                seen: 0,
                waker: None,
                failures: 0,
                waits: 0,
                listed: false,
                epoch: 0,
            }),
        })
    }

    /// There is nothing to do: the peer is where it was `seen`. Before the thread sleeps, it looks
    /// whether it is still there.
    pub(super) fn wait(self: &Arc<Self>, seen: u64, cx: &mut Context<'_>) {
        LOOKOUT.with_borrow_mut(|lookout| {
            let Some(lookout) = lookout else {
                return;
            };
            let mut state = self.state();
            state.seen = seen;
            match &state.waker {
                Some(waker) if waker.will_wake(cx.waker()) => {}
                _ => state.waker = Some(cx.waker().clone()),
            }
            if self.counts() && state.epoch != lookout.epoch {
                state.epoch = lookout.epoch;
                lookout.used[0] += 1;
            }
            if !state.listed {
                state.listed = true;
                lookout.watches.push(self.clone());
            }
        });
    }

    /// True of one of the two watches of each link.
    fn counts(&self) -> bool {
        self.end == End::Reader
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether to look: after failures less and less often, as this costs time, and most of it when the
    /// peer waits for this processor.
    fn is_likely(&mut self) -> bool {
        self.waits += 1;
        self.waits >= 1 << self.failures
    }

    fn has_come(&mut self) {
        (self.failures, self.waits) = (0, 0);
    }

    fn has_not_come(&mut self) {
        self.failures = MOST_FAILURES.min(self.failures + 1);
        self.waits = 0;
    }
}

/// Looks for a while whether a link of this thread has something to do, and wakes who waits for it.
///
/// For tokio's `on_thread_park`, of runtimes whose tasks all run on this thread.
pub(crate) fn look() {
    LOOKOUT.with_borrow_mut(|lookout| match lookout {
        Some(lookout) if lookout.watches.is_empty() => {}
        Some(lookout) => lookout.look(),
        None => {
            *lookout = Some(Lookout {
                watches: Vec::new(),
                epoch: 1,
                began: Instant::now(),
                used: [0, 0],
            });
        }
    });
}

impl Lookout {
    fn look(&mut self) {
        let now = Instant::now();
        self.count(now);
        let is_likely = |watch: &Arc<Watch>| watch.state().is_likely();
        let here = ELSEWHERE.load(Ordering::Relaxed) == 0;
        let looks = here && !self.crowded() && self.watches.iter().any(is_likely);
        if looks && self.look_until(now + LONG) {
            return;
        }
        for watch in self.watches.drain(..) {
            let mut state = watch.state();
            state.listed = false;
            if looks {
                state.has_not_come();
            }
        }
    }

    /// True if something has come, and who waits for it is woken.
    fn look_until(&mut self, end: Instant) -> bool {
        for watch in &self.watches {
            watch.ring.header().wakes_up(watch.end);
        }
        let seen: Vec<_> = self
            .watches
            .iter()
            .map(|watch| watch.state().seen)
            .collect();
        let mut looks = 0;
        let found = loop {
            let has_come =
                |(watch, seen): (&Arc<Watch>, &u64)| watch.ring.header().peer(watch.end) != *seen;
            if self.watches.iter().zip(&seen).any(has_come) {
                break true;
            }
            looks += 1;
            if looks % LOOKS == 0 && Instant::now() >= end {
                break false;
            }
            hint::spin_loop();
        };
        let mut woken = found;
        self.watches.retain(|watch| {
            let (header, end) = (watch.ring.header(), watch.end);
            let mut state = watch.state();
            let mut has_come = header.peer(end) != state.seen;
            if !has_come {
                // From here on the bell is heard.
                header.falls_asleep(end);
                has_come = header.peer(end) != state.seen;
            }
            if has_come {
                woken = true;
                state.listed = false;
                // What is there at the first look would have been found without one.
                if looks > 0 {
                    state.has_come();
                }
                if let Some(waker) = &state.waker {
                    waker.wake_by_ref();
                }
            }
            !has_come
        });
        woken
    }

    fn count(&mut self, now: Instant) {
        let elapsed = now - self.began;
        if elapsed < EPOCH {
            return;
        }
        self.used = match elapsed < 2 * EPOCH {
            true => [0, self.used[0]],
            false => [0, 0],
        };
        self.epoch += 1;
        self.began = now;
        for watch in self.watches.iter().filter(|watch| watch.counts()) {
            watch.state().epoch = self.epoch;
            self.used[0] += 1;
        }
    }

    /// True when whoever looks keeps from working what it waits for.
    fn crowded(&mut self) -> bool {
        let [now, before] = self.used;
        let actors = 1 + now.max(before);
        let processor = processor();
        let mut crowded = actors > processors();
        for Place { ring, end } in self.watches.iter().map(|watch| &watch.place) {
            ring.header().tell_around(*end, actors, processor);
            let (around, there) = ring.header().around_peer(*end);
            crowded |= around > processors() || there == processor && there > 0;
        }
        crowded
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
fn processor() -> u32 {
    let number = nix::sched::sched_getcpu().unwrap_or(usize::MAX);
    u32::try_from(number.wrapping_add(1)).unwrap_or(0)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn processor() -> u32 {
    0
}

//! Looking whether something has come, before an end sleeps.
//!
//! A sleeper costs two system calls and a wake-up, which is many times what a call through shared
//! memory takes. Therefore an end that has nothing to do looks for a while whether its peer has done
//! something: it wakes its own task, which takes its turn behind all others, and looks again. Every few
//! turns it yields, so that its runtime looks for timers and descriptors, and goes on with what has
//! yielded before. While an end looks, and while it works, it is awake: its peer need not ring the bell.
//!
//! It is looked as often as that is likely to pay, and never in a crowd: with more actors at work
//! than there are processors, whoever looks keeps the one from working that it waits for. Nor is it
//! looked while another thread of this process is at work for the runtime, and where a runtime has
//! several threads: a task that wakes itself would wander between them.

use std::cell::RefCell;
use std::hint;
use std::num::NonZero;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Context;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::yield_now;

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

/// How often is looked before other tasks have their turn: a fraction of a microsecond, in which most
/// answers come.
const LOOKS: u32 = 8;

/// After so many turns it is looked at the clock, and the runtime looks for other events.
const TURNS: u32 = 4;

/// What one end of a ring waits for.
#[derive(Debug)]
pub(super) struct Watch {
    ring: Ring,
    end: End,
    place: Place,
    state: State,
    /// How often in a row nothing had come while it was looked.
    failures: u32,
    /// How often it was waited without a look since then.
    waits: u32,
    /// When it was counted among those that are used.
    epoch: u64,
    /// Whether it may look at all.
    looks: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// At work.
    Awake,
    /// Its task wakes itself, until then; so many turns it has looked.
    Looking { until: Instant, turns: u32 },
    /// Nobody wakes it but the bell.
    Asleep,
}

/// What becomes of an end that has nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// It has.
    Over,
    /// Its task has its next turn soon.
    Looks,
    /// It sleeps: whatever comes from now on, the bell is rung for.
    Sleeps,
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

impl Watch {
    pub(super) fn new(ring: Ring, end: End, place: Place) -> Self {
        let runtime = Handle::try_current();
        let flavor = runtime.map(|runtime| runtime.runtime_flavor());
        Self {
            ring,
            end,
            place,
            state: State::Awake,
            failures: 0,
            waits: 0,
            epoch: 0,
            looks: flavor.is_ok_and(|flavor| flavor == RuntimeFlavor::CurrentThread),
        }
    }

    /// There was something to do.
    pub(super) fn works(&mut self) {
        match std::mem::replace(&mut self.state, State::Awake) {
            State::Awake => {}
            State::Looking { .. } => (self.failures, self.waits) = (0, 0),
            State::Asleep => self.ring.header().wakes_up(self.end),
        }
    }

    /// There is nothing to do: the peer is where it was `seen`.
    pub(super) fn wait(&mut self, seen: u64, cx: &mut Context<'_>) -> Wait {
        let (until, turns) = match self.state {
            State::Looking { until, turns } => (until, turns),
            State::Awake | State::Asleep => match self.begins_to_look() {
                Some(until) => (until, 0),
                None => return self.sleep(seen),
            },
        };
        for _ in 0..LOOKS {
            if self.has_come(seen) {
                return Wait::Over;
            }
            hint::spin_loop();
        }
        let yields = turns % TURNS == TURNS - 1;
        if yields {
            let now = Instant::now();
            if now >= until || self.is_crowded(now) {
                self.failures = MOST_FAILURES.min(self.failures + 1);
                self.waits = 0;
                return self.sleep(seen);
            }
        }
        let turns = turns.wrapping_add(1);
        self.state = State::Looking { until, turns };
        if yields {
            // At its first poll it has its task woken, behind the next look for events.
            let _ = pin!(yield_now()).poll(cx);
        } else {
            cx.waker().wake_by_ref();
        }
        Wait::Looks
    }

    /// Until when it is looked, if that is likely to pay: after failures less and less often, as this
    /// costs time, and most of it when the peer waits for this processor.
    fn begins_to_look(&mut self) -> Option<Instant> {
        if !self.looks {
            return None;
        }
        let now = Instant::now();
        let crowded = self.is_crowded(now);
        self.waits = self.waits.saturating_add(1);
        if crowded || ELSEWHERE.load(Ordering::Relaxed) > 0 || self.waits < 1 << self.failures {
            return None;
        }
        if let State::Asleep = self.state {
            self.ring.header().wakes_up(self.end);
        }
        Some(now + LONG)
    }

    fn sleep(&mut self, seen: u64) -> Wait {
        self.state = State::Asleep;
        self.ring.header().falls_asleep(self.end);
        match self.has_come(seen) {
            true => Wait::Over,
            false => Wait::Sleeps,
        }
    }

    fn has_come(&self, seen: u64) -> bool {
        self.ring.header().peer(self.end) != seen
    }

    /// True when whoever looks keeps from working what it waits for.
    fn is_crowded(&mut self, now: Instant) -> bool {
        let counts = self.end == End::Reader;
        let actors = 1 + USED.with_borrow_mut(|used| used.count(now, counts, &mut self.epoch));
        let processor = processor();
        let Place { ring, end } = &self.place;
        ring.header().tell_around(*end, actors, processor);
        let (around, there) = ring.header().around_peer(*end);
        actors.max(around) > processors() || there == processor && there > 0
    }
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
    /// How many are used, one of which, if it `counts`, was last counted in `epoch`: of the two watches
    /// of a link, one does.
    fn count(&mut self, now: Instant, counts: bool, epoch: &mut u64) -> u32 {
        let elapsed = self.began.map(|began| now - began);
        if elapsed.is_none_or(|elapsed| elapsed >= EPOCH) {
            let follows = elapsed.is_some_and(|elapsed| elapsed < 2 * EPOCH);
            self.links = [0, if follows { self.links[0] } else { 0 }];
            self.began = Some(now);
            self.epoch += 1;
        }
        if counts && *epoch != self.epoch {
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
fn processor() -> u32 {
    let number = nix::sched::sched_getcpu().unwrap_or(usize::MAX);
    u32::try_from(number.wrapping_add(1)).unwrap_or(0)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn processor() -> u32 {
    0
}

//! Looking whether something has come, before an end of a link sleeps.
//!
//! A sleeper costs system calls and a wake-up, which take many times what a call takes. Therefore an end
//! that has nothing to do looks for a while whether its peer has done something: it wakes its own task,
//! which takes its turn behind all others, and looks again. Every few turns it yields, so that its
//! runtime looks for timers and descriptors, and goes on with what has yielded before.
//!
//! It is looked as often as that is likely to pay, and no longer than others leave the processor to
//! whoever looks. It is not looked where a runtime has several threads: a task that wakes itself would
//! wander between them.

use std::pin::pin;
use std::task::Context;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::yield_now;

/// How long it is looked. It has to be longer than the wake-up of a peer that sleeps on another processor,
/// which takes 60 µs on a virtual machine: or it is always a moment after it fell asleep that an end is
/// woken, and its peer does the same.
const LONG: Duration = Duration::from_micros(150);

/// After so many failures in a row, looking is given a chance only once in so many waits, to the power
/// of two.
const MOST_FAILURES: u32 = 8;

/// After so many turns it is looked at the clock, and the runtime looks for other events.
const TURNS: u32 = 4;

/// Whether, and how long, somebody looks.
#[derive(Debug)]
pub(super) struct Looks {
    /// Until when, and the turns it has had, while it looks.
    under_way: Option<(Instant, u32)>,
    /// How often in a row nothing had come while it was looked.
    failures: u32,
    /// How often it was waited without a look since then.
    waits: u32,
    /// Whether it may look at all.
    may: bool,
}

impl Looks {
    /// Of a task on the runtime of this thread.
    pub(super) fn new() -> Self {
        let runtime = Handle::try_current();
        let flavor = runtime.map(|runtime| runtime.runtime_flavor());
        Self {
            under_way: None,
            failures: 0,
            waits: 0,
            may: flavor.is_ok_and(|flavor| flavor == RuntimeFlavor::CurrentThread),
        }
    }

    /// True of one that has begun, and has neither seen anything nor ended.
    pub(super) fn are_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Something has come.
    pub(super) fn succeed(&mut self) {
        if self.under_way.take().is_some() {
            (self.failures, self.waits) = (0, 0);
        }
    }

    /// There is nothing to do. Begins to look if that is likely to pay: after failures less and less
    /// often, as this costs time, and most of it when the peer waits for this processor.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        if !self.may {
            return false;
        }
        self.waits = self.waits.saturating_add(1);
        let pays = self.waits >= 1 << self.failures;
        self.under_way = pays.then(|| (now + LONG, 0));
        pays
    }

    /// Nothing has come yet. Has the task of `cx` take its next turn, or gives up: when it has looked for
    /// long enough, or somebody else has taken the processor.
    pub(super) fn go_on(
        &mut self,
        cx: &mut Context<'_>,
        is_taken: impl FnOnce(Instant) -> bool,
    ) -> bool {
        let Some((until, turns)) = &mut self.under_way else {
            return false;
        };
        let yields = *turns % TURNS == TURNS - 1;
        *turns = turns.wrapping_add(1);
        if !yields {
            cx.waker().wake_by_ref();
            return true;
        }
        let now = Instant::now();
        if now >= *until || is_taken(now) {
            self.under_way = None;
            self.failures = MOST_FAILURES.min(self.failures + 1);
            self.waits = 0;
            return false;
        }
        // At its first poll it has its task woken, behind the next look for events.
        let _ = pin!(yield_now()).poll(cx);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::{Context, Poll};
    use std::time::Instant;

    use tokio::task::yield_now;

    use super::{Looks, MOST_FAILURES};

    /// Looks in vain until it gives up. Gives the number of turns.
    async fn in_vain(looks: &mut Looks) -> u32 {
        let mut turns = 0;
        while goes_on(looks, false).await {
            turns += 1;
            yield_now().await;
        }
        turns
    }

    async fn goes_on(looks: &mut Looks, is_taken: bool) -> bool {
        let go_on = |cx: &mut Context<'_>| Poll::Ready(looks.go_on(cx, |_| is_taken));
        poll_fn(go_on).await
    }

    /// How often somebody waits until it is looked again.
    fn waits(looks: &mut Looks) -> u32 {
        let waits = (1..).find(|_| looks.begin(Instant::now()));
        waits.expect("it is looked at some time")
    }

    #[tokio::test]
    async fn looks_in_vain_become_rare() {
        let mut looks = Looks::new();
        for failures in 0..MOST_FAILURES + 2 {
            assert_eq!(waits(&mut looks), 1 << failures.min(MOST_FAILURES));
            assert!(in_vain(&mut looks).await > 0);
            assert!(!looks.are_under_way());
        }
        assert_eq!(waits(&mut looks), 1 << MOST_FAILURES);
        looks.succeed();
        assert!(!looks.are_under_way());
        assert_eq!(waits(&mut looks), 1, "the last one was not in vain");
    }

    #[tokio::test]
    async fn what_comes_while_nobody_looks_is_no_success() {
        let mut looks = Looks::new();
        assert!(looks.begin(Instant::now()));
        in_vain(&mut looks).await;
        looks.succeed();
        assert!(!looks.begin(Instant::now()), "the last one was in vain");
    }

    #[tokio::test]
    async fn nobody_looks_on_who_has_lost_the_processor() {
        let mut looks = Looks::new();
        assert!(looks.begin(Instant::now()));
        let mut turns = 0;
        while goes_on(&mut looks, true).await {
            turns += 1;
            assert!(turns < 100, "the loss is not seen");
        }
        assert!(!looks.are_under_way());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_looks_where_tasks_wander() {
        assert!(!Looks::new().begin(Instant::now()));
    }

    #[test]
    fn nobody_looks_without_a_runtime() {
        assert!(!Looks::new().begin(Instant::now()));
    }
}

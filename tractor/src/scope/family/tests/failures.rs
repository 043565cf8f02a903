//! Failures one after the other: each waits longer, until they are too many.

use std::iter::once;
use std::time::Duration;

use proptest::prelude::{prop_assert_eq, proptest};

use super::play::{Play, WINDOW, start, start_after};
use crate::scope::family::{Action, How, Verdict};
use crate::scope::restart::Restart;

#[test]
fn back_off_doubles_until_the_child_stays_up() {
    let mut play = Play::with_up(Restart::OneForOne, 1);
    play.family.policy.max = usize::MAX;
    for backoffs in [1, 2, 4, 8] {
        assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
        play.expect([start_after(0, backoffs)]);
        play.started(0);
        // Just not long enough.
        play.passes(WINDOW);
    }
    play.passes(Duration::from_millis(1));
    assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
    play.expect([start_after(0, 1)]);
}

#[test]
fn crash_during_restart_counts_and_backs_off() {
    let mut play = Play::with_up(Restart::OneForOne, 1);
    for backoffs in [1, 2, 4] {
        assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
        // It fails again before it is ready.
        play.expect([start_after(0, backoffs)]);
    }
    assert_eq!(play.ended(0, How::Failed), Verdict::Fails);
    assert!(play.family.is_empty());
}

/// A child that fails while it is restarted among others starts the round again.
#[test]
fn crash_in_a_round_of_restarts_begins_another() {
    let mut play = Play::with_up(Restart::OneForAll, 2);
    assert_eq!(play.ended(1, How::Failed), Verdict::Restarts);
    play.expect([Action::Replace(0)]);
    assert_eq!(play.ended(0, How::Asked), Verdict::Restarts);
    play.expect([start(0)]);
    play.started(0);
    play.expect([start_after(1, 1)]);
    assert_eq!(play.ended(1, How::Failed), Verdict::Restarts);
    play.expect([Action::Replace(0)]);
    assert_eq!(play.ended(0, How::Asked), Verdict::Restarts);
    play.expect([start(0)]);
    play.started(0);
    play.expect([start_after(1, 2)]);
}

#[test]
fn intensity_counts_all_children_within_the_window() {
    let mut play = Play::with_up(Restart::OneForOne, 2);
    for id in [0, 1, 0] {
        assert_eq!(play.ended(id, How::Failed), Verdict::Restarts);
        play.started(id);
        play.passes(Duration::from_secs(1));
    }
    // The first has left the window, the others have not.
    play.passes(Duration::from_millis(2001));
    assert_eq!(play.ended(1, How::Failed), Verdict::Restarts);
    play.started(1);
    assert_eq!(play.ended(0, How::Failed), Verdict::Fails);
}

proptest! {
    /// However children fail, no more restarts than allowed begin within a window.
    #[test]
    fn intensity_is_never_exceeded(pauses in proptest::collection::vec(0_u64..6_000, 1..60)) {
        let mut play = Play::with_up(Restart::OneForOne, 1);
        let mut restarts = Vec::new();
        for pause in pauses.into_iter().chain(once(0)) {
            play.passes(Duration::from_millis(pause));
            let recent = restarts.iter().filter(|&&at| play.now - at <= WINDOW).count();
            let verdict = play.ended(0, How::Failed);
            prop_assert_eq!(verdict == Verdict::Fails, recent == 3, "{} recent ones", recent);
            if verdict == Verdict::Fails {
                break;
            }
            restarts.push(play.now);
            play.started(0);
        }
    }
}

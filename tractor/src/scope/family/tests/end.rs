//! The end of a scope.

use super::play::{Play, start_after, stop};
use crate::base::Rung;
use crate::scope::family::{Action, How, Verdict};
use crate::scope::restart::Restart;

#[test]
fn failure_stops_all_siblings_at_once() {
    let mut play = Play::with_up(Restart::Never, 3);
    assert_eq!(play.ended(1, How::Failed), Verdict::Fails);
    play.family.end(Rung::Cancel);
    play.expect([stop(2), stop(0)]);
}

#[test]
fn end_during_back_off_asks_and_forgets() {
    let mut play = Play::with_up(Restart::OneForAll, 2);
    assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
    play.expect([Action::Replace(1)]);
    assert_eq!(play.ended(1, How::Asked), Verdict::Restarts);
    // The one sleeps in its owner, the other was not given to any.
    play.expect([start_after(0, 1)]);
    play.family.end(Rung::Cancel);
    play.expect([Action::Forget(1), stop(0)]);
    assert_eq!(play.ended(0, How::Asked), Verdict::Gone);
    assert!(play.family.is_empty());
}

#[test]
fn those_who_depend_on_each_other_end_in_reverse_order() {
    for strategy in [Restart::OneForAll, Restart::RestForOne] {
        let mut play = Play::with_up(strategy, 3);
        play.family.end(Rung::Cancel);
        for id in [2, 1, 0] {
            play.expect([stop(id)]);
            assert_eq!(play.ended(id, How::Asked), Verdict::Gone);
        }
        assert!(play.family.is_empty());
    }
}

#[test]
fn hard_end_does_not_wait_for_an_order() {
    let mut play = Play::with_up(Restart::RestForOne, 3);
    play.family.end(Rung::Cancel);
    play.expect([stop(2)]);
    play.family.end(Rung::Kill);
    play.expect([2, 1, 0].map(|id| Action::Stop(id, Rung::Kill)));
}

#[test]
fn nothing_is_restarted_once_the_scope_ends() {
    let mut play = Play::with_up(Restart::OneForOne, 2);
    play.family.end(Rung::Cancel);
    play.expect([stop(1), stop(0)]);
    assert_eq!(play.ended(0, How::Failed), Verdict::Gone);
    assert_eq!(play.ended(1, How::Left), Verdict::Gone);
    play.expect([]);
    assert!(play.family.is_empty());
}

//! Who is started again, by the strategy of the scope.

use super::play::{Play, policy, start, start_after};
use super::{STRATEGIES, TYPES};
use crate::scope::family::{Action, How, Verdict};
use crate::scope::restart::{Restart, RestartType};

const HOWS: [How; 4] = [How::Asked, How::Finished, How::Left, How::Failed];

/// Strategy × type × cause: what becomes of a child that has ended.
#[test]
fn verdicts() {
    for strategy in STRATEGIES {
        for restart in TYPES {
            for how in HOWS {
                for asked in [false, true] {
                    let mut play = Play::new(policy(strategy));
                    play.family.add(0, restart);
                    play.started(0);
                    let verdict = play.family.ended(0, how, asked, play.now, 1.0);
                    let expected = match (strategy, restart, how) {
                        (Restart::Never, _, How::Asked | How::Finished) => Verdict::Gone,
                        (Restart::Never, ..) => Verdict::Fails,
                        _ if asked => Verdict::Gone,
                        (_, RestartType::Permanent, _) => Verdict::Restarts,
                        (_, RestartType::Transient, How::Failed) => Verdict::Restarts,
                        (_, RestartType::Transient | RestartType::Temporary, _) => Verdict::Gone,
                    };
                    let case = format!("{strategy:?} {restart:?} {how:?} asked: {asked}");
                    assert_eq!(verdict, expected, "{case}");
                    assert_eq!(
                        play.family.is_empty(),
                        verdict != Verdict::Restarts,
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn one_for_one_touches_no_other() {
    let mut play = Play::with_up(Restart::OneForOne, 3);
    assert_eq!(play.ended(1, How::Failed), Verdict::Restarts);
    play.expect([start_after(1, 1)]);
    play.started(1);
    play.expect([]);
}

#[test]
fn one_for_all_stops_the_youngest_first_and_starts_the_oldest_first() {
    let mut play = Play::with_up(Restart::OneForAll, 3);
    assert_eq!(play.ended(1, How::Failed), Verdict::Restarts);
    play.expect([Action::Replace(2)]);
    assert_eq!(play.ended(2, How::Asked), Verdict::Restarts);
    play.expect([Action::Replace(0)]);
    assert_eq!(play.ended(0, How::Asked), Verdict::Restarts);
    play.expect([start(0)]);
    play.started(0);
    play.expect([start_after(1, 1)]);
    play.started(1);
    play.expect([start(2)]);
    play.started(2);
    play.expect([]);
}

#[test]
fn rest_for_one_leaves_the_older_alone() {
    let mut play = Play::with_up(Restart::RestForOne, 4);
    assert_eq!(play.ended(1, How::Left), Verdict::Restarts);
    play.expect([Action::Replace(3)]);
    assert_eq!(play.ended(3, How::Asked), Verdict::Restarts);
    play.expect([Action::Replace(2)]);
    assert_eq!(play.ended(2, How::Asked), Verdict::Restarts);
    play.expect([start_after(1, 1)]);
    play.started(1);
    play.expect([start(2)]);
    play.started(2);
    play.expect([start(3)]);
}

/// Only those that come back count as failures of the scope's intensity, and only once.
#[test]
fn sibling_that_dies_while_it_is_replaced_is_not_counted() {
    let mut play = Play::with_up(Restart::OneForAll, 3);
    for _ in 0..3 {
        assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
        // One before it was asked, one when it was.
        assert_eq!(play.ended(1, How::Failed), Verdict::Restarts);
        assert_eq!(play.ended(2, How::Failed), Verdict::Restarts);
        for id in 0..3 {
            play.started(id);
        }
        play.family.actions();
    }
    assert_eq!(play.ended(0, How::Failed), Verdict::Fails);
}

#[test]
fn temporary_sibling_goes_and_stays_away() {
    let mut play = Play::with_up(Restart::OneForAll, 1);
    play.family.add(1, RestartType::Temporary);
    play.expect([start(1)]);
    play.started(1);
    assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
    play.expect([Action::Replace(1)]);
    assert_eq!(play.ended(1, How::Asked), Verdict::Gone);
    play.expect([start_after(0, 1)]);
}

/// A sibling that somebody cancels while it is being replaced is not started again.
#[test]
fn cancelled_sibling_goes_and_stays_away() {
    let mut play = Play::with_up(Restart::OneForAll, 2);
    assert_eq!(play.ended(0, How::Failed), Verdict::Restarts);
    play.expect([Action::Replace(1)]);
    let verdict = play.family.ended(1, How::Asked, true, play.now, 1.0);
    assert_eq!(verdict, Verdict::Gone);
    play.expect([start_after(0, 1)]);
}

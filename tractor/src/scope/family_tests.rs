use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;

use proptest::prelude::*;

use super::*;

const STRATEGIES: [Restart; 4] = [
    Restart::Never,
    Restart::OneForOne,
    Restart::OneForAll,
    Restart::RestForOne,
];
const TYPES: [RestartType; 3] = [
    RestartType::Permanent,
    RestartType::Transient,
    RestartType::Temporary,
];
const HOWS: [How; 4] = [How::Asked, How::Finished, How::Left, How::Failed];

/// Back-off is 10 ms, and then doubles.
const BACKOFF: Duration = Duration::from_millis(10);
const WINDOW: Duration = Duration::from_secs(5);

fn policy(strategy: Restart) -> RestartPolicy {
    RestartPolicy {
        strategy,
        max: 3,
        window: WINDOW,
        backoff: BACKOFF..=Duration::from_secs(1),
    }
}

/// A family, with the time that its test says it is.
struct Play {
    family: Family,
    now: Instant,
}

impl Play {
    fn new(policy: RestartPolicy) -> Self {
        let (family, now) = (Family::new(policy), Instant::now());
        Self { family, now }
    }

    /// Permanent children, all of them up.
    fn with_up(strategy: Restart, children: ChildId) -> Self {
        let mut play = Self::new(policy(strategy));
        for id in 0..children {
            play.family.add(id, RestartType::Permanent);
            assert_eq!(play.family.actions(), [start(id)]);
            play.started(id);
        }
        play
    }

    fn started(&mut self, id: ChildId) {
        self.family.started(id, self.now);
    }

    /// The child's process ends, and nobody has asked for the end of the child.
    fn ended(&mut self, id: ChildId, how: How) -> Verdict {
        self.family.ended(id, how, false, self.now, 1.0)
    }

    fn passes(&mut self, time: Duration) {
        self.now += time;
    }

    #[track_caller]
    fn expect<const N: usize>(&mut self, actions: [Action; N]) {
        assert_eq!(self.family.actions(), actions);
    }
}

fn start(id: ChildId) -> Action {
    Action::Start(id, Duration::ZERO)
}

fn start_after(id: ChildId, backoffs: u32) -> Action {
    Action::Start(id, BACKOFF * backoffs)
}

fn stop(id: ChildId) -> Action {
    Action::Stop(id, Rung::Cancel)
}

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
fn failure_stops_all_siblings_at_once() {
    let mut play = Play::with_up(Restart::Never, 3);
    assert_eq!(play.ended(1, How::Failed), Verdict::Fails);
    play.family.end(Rung::Cancel);
    play.expect([stop(2), stop(0)]);
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

/// A process of the world that a family acts upon.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Process {
    Starting,
    Up,
    /// Was asked to end.
    Dying,
}

/// What can happen next in the world; the number chooses to whom.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Add(RestartType),
    Ready(usize),
    Dies(usize, How),
    Obeys(usize),
    /// Somebody asks for the end of one child for good.
    Cancelled(usize),
    Passes(u64),
    End(Rung),
}

fn happening() -> impl Strategy<Value = Happening> {
    let how = prop_oneof![Just(How::Finished), Just(How::Left), Just(How::Failed)];
    prop_oneof![
        3 => proptest::sample::select(&TYPES[..]).prop_map(Happening::Add),
        6 => any::<usize>().prop_map(Happening::Ready),
        3 => (any::<usize>(), how).prop_map(|(whom, how)| Happening::Dies(whom, how)),
        6 => any::<usize>().prop_map(Happening::Obeys),
        1 => any::<usize>().prop_map(Happening::Cancelled),
        1 => (0_u64..10_000).prop_map(Happening::Passes),
        1 => prop_oneof![3 => Just(Rung::Cancel), 1 => Just(Rung::Kill)].prop_map(Happening::End),
    ]
}

/// Carries a family's actions out, and asserts that each of them is one that can be.
struct World {
    play: Play,
    processes: BTreeMap<ChildId, Process>,
    /// Those that somebody has asked to end for good.
    cancelled: BTreeSet<ChildId>,
    /// Those that have been ready.
    known: BTreeSet<ChildId>,
    next_id: ChildId,
}

impl World {
    fn new(strategy: Restart) -> Self {
        Self {
            play: Play::new(policy(strategy)),
            processes: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            known: BTreeSet::new(),
            next_id: 0,
        }
    }

    fn family(&mut self) -> &mut Family {
        &mut self.play.family
    }

    /// One of those whose process is in this state.
    fn one(&self, whom: usize, state: Process) -> Option<ChildId> {
        let mut those = self.processes.iter().filter(|(_, now)| **now == state);
        let count = those.clone().count();
        (count > 0).then(|| *those.nth(whom % count).expect("it is below their number").0)
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Add(restart) if !self.family().is_ending() => {
                let id = self.next_id;
                self.next_id += 1;
                self.family().add(id, restart);
            }
            Happening::Add(_) => {}
            Happening::Ready(whom) => {
                if let Some(id) = self.one(whom, Process::Starting) {
                    self.processes.insert(id, Process::Up);
                    self.known.insert(id);
                    self.play.started(id);
                }
            }
            Happening::Dies(whom, how) => {
                let state = match whom % 4 {
                    0 => Process::Starting,
                    _ => Process::Up,
                };
                if let Some(id) = self.one(whom, state) {
                    self.ends(id, how);
                }
            }
            Happening::Obeys(whom) => {
                if let Some(id) = self.one(whom, Process::Dying) {
                    self.ends(id, How::Asked);
                }
            }
            Happening::Cancelled(whom) => {
                if let Some(id) = self.one(whom, Process::Up) {
                    self.cancelled.insert(id);
                    self.ends(id, How::Asked);
                }
            }
            Happening::Passes(millis) => self.play.passes(Duration::from_millis(millis)),
            Happening::End(rung) => self.family().end(rung),
        }
        self.act();
    }

    /// Does as the supervisor does.
    fn ends(&mut self, id: ChildId, how: How) {
        self.processes.remove(&id);
        if !self.known.contains(&id) {
            return self.family().never_started(id);
        }
        let (asked, now) = (self.cancelled.contains(&id), self.play.now);
        let verdict = self.family().ended(id, how, asked, now, 1.0);
        let ending = self.family().is_ending();
        assert!(verdict != Verdict::Restarts || !(asked || ending));
        if verdict == Verdict::Fails {
            self.family().end(Rung::Cancel);
        }
    }

    fn act(&mut self) {
        for action in self.family().actions() {
            match action {
                Action::Start(id, _) => {
                    assert!(
                        !self.family().is_ending(),
                        "{action:?} in a scope that ends"
                    );
                    let before = self.processes.insert(id, Process::Starting);
                    assert_eq!(before, None, "{action:?} has a process");
                    self.assert_turn(id);
                }
                Action::Replace(id) | Action::Stop(id, _) => {
                    let before = self.processes.insert(id, Process::Dying);
                    assert!(before.is_some(), "{action:?} has no process");
                    if let Action::Replace(_) = action {
                        assert_ne!(before, Some(Process::Dying), "{action:?} a second time");
                    }
                }
                Action::Forget(id) => assert!(!self.processes.contains_key(&id)),
            }
        }
    }

    /// Those that depend on each other start one after the other.
    fn assert_turn(&mut self, id: ChildId) {
        if self.family().policy.is_ordered() {
            let mut busy = self
                .processes
                .iter()
                .filter(|(_, now)| **now != Process::Up);
            assert_eq!(busy.next().map(|(id, _)| *id), Some(id), "it is its turn");
            assert_eq!(busy.next(), None, "nobody else's");
        }
    }

    /// Everybody does what was asked, until nothing more happens.
    fn settle(&mut self) {
        // Each child has at most a round of ending and one of starting.
        for _ in 0..=4 * self.next_id {
            self.happens(Happening::Obeys(0));
            self.happens(Happening::Ready(0));
        }
    }
}

proptest! {
    /// Whatever happens in whatever order, the actions can be carried out, nobody is forgotten,
    /// and the end of the scope leaves no child.
    #[test]
    fn any_history_comes_to_rest(
        strategy in proptest::sample::select(&STRATEGIES[..]),
        history in proptest::collection::vec(happening(), 0..120),
    ) {
        let mut world = World::new(strategy);
        for happening in history {
            world.happens(happening);
        }
        world.settle();
        let ending = world.family().is_ending();
        let members: Vec<_> = world.family().ids().collect();
        let up: Vec<_> = world.processes.keys().copied().collect();
        prop_assert_eq!(&members, &up, "whoever is not gone has a process");
        prop_assert!(world.processes.values().all(|process| *process == Process::Up));
        prop_assert!(!ending || up.is_empty());
        world.happens(Happening::End(Rung::Cancel));
        world.settle();
        prop_assert!(world.family().is_empty() && world.processes.is_empty());
    }

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

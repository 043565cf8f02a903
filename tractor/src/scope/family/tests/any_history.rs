//! A world of processes in which anything happens, in any order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::play::{Play, policy};
use super::{STRATEGIES, TYPES};
use crate::base::Rung;
use crate::scope::family::{Action, ChildId, Family, How, Verdict};
use crate::scope::restart::{Restart, RestartType};

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
}

//! What a seed means: a tree, what its actors are up to, and what goes wrong.

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::talks::plan::Talk;
use crate::random::Random;

/// How many actors a tree has at most.
const MOST_ACTORS: u64 = 40;
/// How many levels a tree has at most, below its root.
const MOST_LEVELS: u32 = 4;

/// Everything that a seed decides.
#[derive(Debug)]
pub struct Plan {
    /// What the root has below itself.
    pub tree: Branch,
    /// What becomes of the root.
    pub fate: Fate,
    /// Signals from outside.
    pub strikes: Vec<Strike>,
}

/// How a root ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its body ends.
    Lives,
    /// Its scope is dropped after so many milliseconds.
    Drops(u64),
    /// SIGTERM, after so many milliseconds.
    Interrupted(u64),
    /// SIGKILL, after so many milliseconds.
    Killed(u64),
}

/// A signal from outside.
#[derive(Debug, Clone, Copy)]
pub struct Strike {
    /// When, in milliseconds after the start of the root.
    pub after: u64,
    /// Chooses one of the actors that are alive by then.
    pub whom: u64,
    /// The signal.
    pub signal: Signal,
}

/// A scope, and what is in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Branch {
    /// What follows when an actor fails.
    pub strategy: Strategy,
    /// What its body does in the end, unless it fails before.
    pub ending: Ending,
    /// How long its body lives at least, in milliseconds.
    pub life: u64,
    /// The actors in it.
    pub twigs: Vec<Twig>,
}

/// [`tractor::Restart`], as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Strategy {
    Never,
    OneForOne,
    OneForAll,
    RestForOne,
}

/// What a body does in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// Cancels everybody.
    Cancels,
    /// Cancels one daemon after the other, and waits for the one-shots.
    CancelsEach,
    /// Kills everybody.
    Kills,
    /// Fails.
    Fails,
}

/// One or more actors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Twig {
    /// An actor with calls in flight, streams to talk over, and maybe a scope of its own.
    Daemon(String, Vec<Deed>, Vec<(Form, Talk)>, Option<Branch>),
    /// An actor for one call.
    OneShot(String, Deed),
    /// An actor for one call, whose result nobody waits for.
    Unheeded(String, Deed),
    /// An actor for a scope of its own; whether it is restarted when that fails.
    Supervisor(String, Branch, bool),
    /// A cluster with the same call on each worker.
    Fleet(Vec<String>, Deed),
    /// A scope of the same actor, which is dropped after so many milliseconds.
    Dropped(Branch, u64),
    /// A one-shot that fails, and does not end before its sibling is cancelled.
    Late(String, String),
    /// An actor with few slots for calls, many of which are dropped.
    Narrow(String),
    /// An actor that has no descriptors left to start another.
    Starved(String, String),
    /// A cluster with a context to each worker, opened all or none.
    Gathered(Vec<String>, Talk),
    /// An actor that hands a context on to its own child.
    Relay(String, String, Talk),
}

/// The form of a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A context.
    Dialog,
    /// A stream from a function.
    OneWay,
    /// The same, with items that are errors.
    Fallible,
}

/// What a handler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Waits for ever.
    Naps,
    /// Waits until its caller drops it, after so many milliseconds.
    Dropped(u64),
    /// Returns after so many milliseconds.
    Returns(u64),
    /// Fails after so many milliseconds.
    Fails(u64),
    /// Panics after so many milliseconds.
    Panics(u64),
    /// Ends its process by a signal after so many milliseconds.
    Dies(u64, i32),
    /// Ends its process by an exit code after so many milliseconds.
    Exits(u64, i32),
    /// Blocks the executor for so many milliseconds.
    Hogs(u64),
    /// Blocks the executor for ever.
    Spins,
    /// Stops its process after so many milliseconds.
    Stops(u64),
    /// Takes and gives back so many KiB, in several calls at the same time.
    Floods(usize),
}

impl Deed {
    /// True when nothing in the process goes on after it.
    pub fn blocks(self) -> bool {
        matches!(self, Self::Spins | Self::Stops(_))
    }

    /// True when it comes to an end without being cancelled.
    pub fn ends(self) -> bool {
        !self.blocks() && self != Self::Naps
    }
}

impl Branch {
    /// The names of the actors whose scope it is, in the order in which they are started.
    pub fn names(&self) -> Vec<String> {
        let names = self.twigs.iter().filter_map(|twig| match twig {
            Twig::Daemon(name, ..)
            | Twig::OneShot(name, _)
            | Twig::Unheeded(name, _)
            | Twig::Supervisor(name, ..) => Some(name.clone()),
            // They have a scope of their own.
            Twig::Fleet(..)
            | Twig::Gathered(..)
            | Twig::Dropped(..)
            | Twig::Late(..)
            | Twig::Narrow(_) => None,
            Twig::Starved(name, _) | Twig::Relay(name, ..) => Some(name.clone()),
        });
        names.collect()
    }
}

impl Plan {
    /// The same for the same seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut sower = Sower {
            random: &mut random,
            left: MOST_ACTORS,
            names: 0,
        };
        let tree = sower.branch(MOST_LEVELS);
        let after = random.below(600);
        let fate = match random.below(10) {
            0..6 => Fate::Lives,
            6 => Fate::Drops(after),
            7 => Fate::Interrupted(after),
            _ => Fate::Killed(after),
        };
        let signals = [
            Signal::SIGKILL,
            Signal::SIGKILL,
            Signal::SIGKILL,
            Signal::SIGTERM,
            Signal::SIGSTOP,
        ];
        let strikes = (0..random.below(4)).map(|_| Strike {
            after: 20 + random.below(600),
            whom: random.next_u64(),
            signal: *random.choose(&signals),
        });
        Self {
            tree,
            fate,
            strikes: strikes.collect(),
        }
    }
}

/// Makes branches and twigs.
struct Sower<'r> {
    random: &'r mut Random,
    left: u64,
    names: u32,
}

impl Sower<'_> {
    fn branch(&mut self, levels: u32) -> Branch {
        let twigs = 1 + self.random.below(5);
        Branch {
            strategy: *self.random.choose(&[
                Strategy::Never,
                Strategy::Never,
                Strategy::OneForOne,
                Strategy::OneForOne,
                Strategy::OneForAll,
                Strategy::RestForOne,
            ]),
            ending: *self.random.choose(&[
                Ending::Cancels,
                Ending::Cancels,
                Ending::CancelsEach,
                Ending::Kills,
                Ending::Fails,
            ]),
            life: 40 + self.random.below(300),
            twigs: (0..twigs).filter_map(|_| self.twig(levels)).collect(),
        }
    }

    /// The next actors, unless there are enough.
    fn twig(&mut self, levels: u32) -> Option<Twig> {
        let kind = self.random.below(18);
        let workers = 1 + self.random.below(3);
        let actors = match kind {
            8 | 9 | 15 => workers,
            11 | 14 | 16 | 17 => 2,
            10 => 0,
            _ => 1,
        };
        self.left = self.left.checked_sub(actors)?;
        let deeper = levels > 1;
        Some(match kind {
            0..4 => {
                let deeds = (0..1 + self.random.below(4)).map(|_| self.deed()).collect();
                let talks = (0..self.random.below(3)).map(|_| self.talk()).collect();
                let grows = deeper && self.random.below(2) == 0;
                let below = grows.then(|| self.branch(levels - 1));
                Twig::Daemon(self.name(), deeds, talks, below)
            }
            4..8 if deeper && kind > 4 => {
                // Not often: restarts multiply with each level.
                let again = self.random.below(5) == 0;
                Twig::Supervisor(self.name(), self.branch(levels - 1), again)
            }
            4..8 => Twig::OneShot(self.name(), self.deed()),
            8 | 9 => {
                let names = (0..workers).map(|_| self.name()).collect();
                Twig::Fleet(names, self.deed())
            }
            10 if deeper => Twig::Dropped(self.branch(levels - 1), self.random.below(150)),
            10 => return None,
            11 => Twig::Late(self.name(), self.name()),
            12 => Twig::Narrow(self.name()),
            13 => Twig::Unheeded(self.name(), self.deed()),
            14 => Twig::Starved(self.name(), self.name()),
            15 => {
                let names = (0..workers).map(|_| self.name()).collect();
                Twig::Gathered(names, Talk::sow(self.random))
            }
            _ => Twig::Relay(self.name(), self.name(), Talk::sow(self.random)),
        })
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("a{}", self.names)
    }

    fn talk(&mut self) -> (Form, Talk) {
        let forms = [Form::Dialog, Form::Dialog, Form::OneWay, Form::Fallible];
        (*self.random.choose(&forms), Talk::sow(self.random))
    }

    fn deed(&mut self) -> Deed {
        let millis = self.random.below(150);
        match self.random.below(20) {
            0..3 => Deed::Naps,
            3..5 => Deed::Dropped(millis),
            5..9 => Deed::Returns(millis),
            9..12 => Deed::Fails(millis),
            12 => Deed::Panics(millis),
            13 => Deed::Dies(millis, *self.random.choose(&[6, 9, 10])),
            14 => Deed::Exits(millis, *self.random.choose(&[0, 3])),
            15 => Deed::Hogs(millis),
            16 => Deed::Spins,
            17 => Deed::Stops(millis),
            18 => Deed::Floods(1 << self.random.below(10)),
            _ => Deed::Returns(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_means_the_same_every_time() {
        let texts = [1, 1, 2].map(|seed| format!("{:?}", Plan::new(seed)));
        assert_eq!(texts[0], texts[1]);
        assert_ne!(texts[0], texts[2]);
    }

    #[test]
    fn trees_are_as_deep_and_as_large_as_they_may_be() {
        fn depth(branch: &Branch) -> u32 {
            let below = branch.twigs.iter().map(|twig| match twig {
                Twig::Daemon(.., Some(below)) | Twig::Supervisor(_, below, _) => depth(below),
                _ => 0,
            });
            1 + below.max().unwrap_or(0)
        }
        let plans: Vec<_> = (0..500).map(Plan::new).collect();
        let depths = plans.iter().map(|plan| depth(&plan.tree));
        assert_eq!(depths.max(), Some(MOST_LEVELS));
        let texts = plans.iter().map(|plan| format!("{plan:?}"));
        let actors = texts.map(|text| text.matches("\"a").count());
        assert!(actors.max() > Some(30), "small trees only");
    }
}

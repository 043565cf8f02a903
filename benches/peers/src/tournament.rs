//! Rounds over all workloads and contestants.

use std::io::{IsTerminal, stderr};

use anyhow::{Result, ensure};

use crate::contestant::{CONTESTANTS, Contestant};
use crate::results::Results;
use crate::trial::Trial;
use crate::workload::Workload;

/// How much is measured.
pub(crate) struct Settings {
    /// How often everything is.
    pub(crate) rounds: usize,
    /// Whether a look is enough.
    pub(crate) quick: bool,
    /// What is left out.
    pub(crate) only: Only,
}

/// Who does what.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) contestant: &'static Contestant,
    pub(crate) workload: Workload,
}

/// Beginnings of names; none of them means everything.
#[derive(Default)]
pub(crate) struct Only(Vec<String>);

impl Only {
    /// Adds a name, if it is the beginning of one.
    pub(crate) fn add(&mut self, name: String) -> Result<()> {
        let only = Self(vec![name]);
        ensure!(
            !only.entries().is_empty(),
            "there is neither a contestant nor a workload `{}`",
            only.0[0],
        );
        self.0.extend(only.0);
        Ok(())
    }

    /// What is left to do, workload by workload.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let all = Workload::all().into_iter().flat_map(|workload| {
            let able = CONTESTANTS
                .iter()
                .filter(move |contestant| contestant.can(workload));
            able.map(move |contestant| Entry {
                contestant,
                workload,
            })
        });
        all.filter(|entry| self.holds(entry)).collect()
    }

    fn holds(&self, entry: &Entry) -> bool {
        let workload = entry.workload.name();
        let named =
            |name: &String| workload.starts_with(name) || entry.contestant.name.starts_with(name);
        self.0.is_empty() || self.0.iter().any(named)
    }
}

/// Measures everything in every round, and says on a terminal how far it is.
pub(crate) fn run(settings: &Settings) -> Results {
    let entries = settings.only.entries();
    let mut results = Results::default();
    for round in 0..settings.rounds {
        for same in entries.chunk_by(|a, b| a.workload == b.workload) {
            // Nobody always comes after the same one.
            let first = round % same.len();
            for &entry in same[first..].iter().chain(&same[..first]) {
                announce(entry, round, settings.rounds);
                let trial = Trial {
                    entry,
                    quick: settings.quick,
                    liar: false,
                };
                results.push(entry, trial.run());
            }
        }
    }
    results
}

fn announce(entry: Entry, round: usize, rounds: usize) {
    if stderr().is_terminal() {
        let (round, workload) = (round + 1, entry.workload.name());
        let contestant = entry.contestant.name;
        // Goes to the beginning of the line and clears it.
        eprint!("\r\x1b[Kround {round} of {rounds}: {workload}, {contestant}\r");
    }
}

//! A tree as the rows of a table.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::base::{ActorSnapshot, ActorState, branch};

/// One actor.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its name, behind what shows its place in the tree.
    pub(super) label: String,
    /// The actor, without those below it.
    pub(super) actor: ActorSnapshot,
    /// The share of a processor that it has used since the look before.
    pub(super) cpu: Option<f64>,
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Tree,
    Cpu,
    Memory,
    Oldest,
}

impl Row {
    pub(super) fn pid(&self) -> Option<u32> {
        let process = self.actor.process.as_ref().map(|process| process.pid);
        process.or(self.actor.aid.as_ref().map(crate::Aid::pid))
    }

    pub(super) fn memory(&self) -> Option<u64> {
        Some(self.actor.process.as_ref()?.memory)
    }

    /// The age of the call that it has worked on, or waited for, for the longest time.
    pub(super) fn oldest(&self) -> Option<Duration> {
        let calls = self.actor.answering.iter().chain(&self.actor.waiting);
        calls.map(|call| call.age).max()
    }

    /// What the actor is up to, in a word.
    pub(super) fn state(&self) -> &'static str {
        match self.actor.state {
            ActorState::Starting => "starts",
            ActorState::Running => "runs",
            ActorState::Ending => "ends",
            ActorState::Restarting => "restarts",
            ActorState::Unresponsive => "no answer",
            ActorState::OutOfReach => "not asked",
        }
    }
}

impl Order {
    /// The next one in turn.
    pub(super) fn next(self) -> Self {
        match self {
            Self::Tree => Self::Cpu,
            Self::Cpu => Self::Memory,
            Self::Memory => Self::Oldest,
            Self::Oldest => Self::Tree,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::Oldest => "oldest call",
        }
    }

    /// Puts rows, which are in the order of the tree, in this one.
    pub(super) fn apply(self, rows: &mut [Row]) {
        match self {
            Self::Tree => return,
            Self::Cpu => rows.sort_by(|a, b| b.cpu.unwrap_or(0.0).total_cmp(&a.cpu.unwrap_or(0.0))),
            Self::Memory => rows.sort_by_key(|row| std::cmp::Reverse(row.memory())),
            Self::Oldest => rows.sort_by_key(|row| std::cmp::Reverse(row.oldest())),
        }
        for row in rows {
            row.label.clone_from(&row.actor.path);
        }
    }
}

/// How much processor time each process had used, and when.
#[derive(Debug, Default)]
pub(super) struct Usage {
    at: Option<Instant>,
    used: HashMap<u32, Duration>,
}

impl Usage {
    /// The rows of a tree that was seen at that time.
    pub(super) fn rows(&mut self, at: Instant, tree: ActorSnapshot) -> Vec<Row> {
        let elapsed = self.at.map(|before| at.saturating_duration_since(before));
        let (mut rows, mut used) = (Vec::new(), HashMap::new());
        let label = tree.path.clone();
        self.add(&mut rows, &mut used, elapsed, tree, label, "");
        (self.at, self.used) = (Some(at), used);
        rows
    }

    /// Adds an actor and all below it: `rest` stands in front of what is below.
    fn add(
        &self,
        rows: &mut Vec<Row>,
        used: &mut HashMap<u32, Duration>,
        elapsed: Option<Duration>,
        mut actor: ActorSnapshot,
        label: String,
        rest: &str,
    ) {
        let children = std::mem::take(&mut actor.children);
        let cpu = actor.process.as_ref().and_then(|process| {
            used.insert(process.pid, process.cpu);
            let before = self.used.get(&process.pid)?;
            let elapsed = elapsed.filter(|elapsed| !elapsed.is_zero())?;
            Some(process.cpu.saturating_sub(*before).as_secs_f64() / elapsed.as_secs_f64())
        });
        rows.push(Row { label, actor, cpu });
        let count = children.len();
        for (at, child) in children.into_iter().enumerate() {
            let (turn, bar) = branch(at, count);
            let (label, rest) = (
                format!("{rest}{turn}{}", child.name()),
                format!("{rest}{bar}"),
            );
            self.add(rows, used, elapsed, child, label, &rest);
        }
    }
}

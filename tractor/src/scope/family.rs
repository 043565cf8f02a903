//! The children of a scope, and which of them start and stop next: no I/O, no clock, no tasks.
//!
//! ```text
//!             ┌────────── Start ◀─────────┐
//!             ▼                           │
//! add ──▶ Waiting ──▶ Starting ──▶ Up     │ ended, and its restart type says so
//!             ▲          │         │ ─────┤
//!             │          ▼         ▼      │
//!             │        Doomed: somebody it belongs together with is started again
//!             │          │ Replace, when its turn comes
//!             └─ ended ─ Stopping
//! ```
//!
//! From any state, the end of the scope leads to Ending, and whoever ends there is gone.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::restart::{Restart, RestartPolicy, RestartType};
use crate::base::Rung;

/// Names a child within its scope; later children have higher ids.
pub(super) type ChildId = u64;

/// The children of a scope, in the order in which they were started.
#[derive(Debug)]
pub(super) struct Family {
    policy: RestartPolicy,
    /// In the order of their ids.
    members: Vec<Member>,
    /// When children were restarted, as far back as the policy's window.
    restarts: VecDeque<Instant>,
    /// The rung the whole scope is on.
    ending: Rung,
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Member {
    id: ChildId,
    restart: RestartType,
    state: State,
    /// Failures in a row, none of which was a window away from the restart before.
    failures: u32,
    up_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Has no process; waits for its turn to be started, and then for so long.
    Waiting(Duration),
    Starting,
    Up,
    /// Has a process that is to be replaced, when its turn comes.
    Doomed,
    /// Was asked to end, so that it can be replaced.
    Stopping,
    /// Was asked to end.
    Ending,
}

/// What has to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Start a process for it, after a delay.
    Start(ChildId, Duration),
    /// Ask it to end, so that it can be replaced.
    Replace(ChildId),
    /// Ask it to end.
    Stop(ChildId, Rung),
    /// It is gone: it had no process, and gets no other.
    Forget(ChildId),
}

/// How a child's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It was asked to.
    Asked,
    /// Its one function returned.
    Finished,
    /// It exited with code 0, and nobody had asked.
    Left,
    /// It died, could not be started again, or its one function failed.
    Failed,
}

/// What becomes of a child that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is gone.
    Gone,
    /// It will be started again.
    Restarts,
    /// It is gone, and the scope fails.
    Fails,
}

impl Family {
    pub(super) fn new(policy: RestartPolicy) -> Self {
        Self {
            policy,
            members: Vec::new(),
            restarts: VecDeque::new(),
            ending: Rung::Unasked,
            actions: Vec::new(),
        }
    }

    /// What has to be done, since the last time it was asked.
    pub(super) fn actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// The children, in the order in which they were started.
    pub(super) fn ids(&self) -> impl Iterator<Item = ChildId> {
        self.members.iter().map(|member| member.id)
    }

    /// True when no child is left.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// True once the scope ends; it takes no more children then.
    pub(super) fn is_ending(&self) -> bool {
        self.ending > Rung::Unasked
    }

    /// True when a child's failure is not by itself the failure of the scope.
    pub(super) fn tolerates_failures(&self) -> bool {
        self.policy.strategy != Restart::Never
    }

    /// True when a child can have more than one process, one after the other.
    pub(super) fn replaces(&self, restart: RestartType) -> bool {
        self.tolerates_failures() && restart != RestartType::Temporary
    }

    /// A new child; `id` is higher than any before.
    pub(super) fn add(&mut self, id: ChildId, restart: RestartType) {
        let member = Member {
            id,
            restart,
            state: State::Waiting(Duration::ZERO),
            failures: 0,
            up_since: None,
        };
        self.members.push(member);
        self.step();
    }

    /// A child is ready for calls.
    pub(super) fn started(&mut self, id: ChildId, now: Instant) {
        if let Some(at) = self.position(id) {
            let member = &mut self.members[at];
            member.up_since = Some(now);
            if member.state == State::Starting {
                member.state = State::Up;
            }
        }
        self.step();
    }

    /// A child is gone that never was ready.
    pub(super) fn never_started(&mut self, id: ChildId) {
        self.remove(id);
        self.step();
    }

    /// A child's process has ended. `asked` when somebody has asked for the end of the child
    /// itself, which is then not restarted; `jitter`, from 0 to 1, spreads restarts over time.
    pub(super) fn ended(
        &mut self,
        id: ChildId,
        how: How,
        asked: bool,
        now: Instant,
        jitter: f64,
    ) -> Verdict {
        let verdict = self.judge(id, how, asked, now);
        match verdict {
            Verdict::Gone => {
                self.remove(id);
            }
            Verdict::Fails => {
                self.remove(id);
                // At once: whoever had to wait for it must not be started any more.
                self.end(Rung::Cancel);
            }
            Verdict::Restarts => self.restart(id, jitter),
        }
        self.step();
        verdict
    }

    /// Ends the scope; asked again for a higher rung, it becomes quicker.
    pub(super) fn end(&mut self, rung: Rung) {
        if rung <= self.ending {
            return;
        }
        self.ending = rung;
        for member in &self.members {
            match member.state {
                State::Waiting(_) => self.actions.push(Action::Forget(member.id)),
                State::Ending => self.actions.push(Action::Stop(member.id, rung)),
                _ => {}
            }
        }
        self.members
            .retain(|member| !matches!(member.state, State::Waiting(_)));
        self.step();
    }

    fn judge(&mut self, id: ChildId, how: How, asked: bool, now: Instant) -> Verdict {
        if self.is_ending() {
            return Verdict::Gone;
        }
        if !self.tolerates_failures() {
            return match how {
                How::Asked | How::Finished => Verdict::Gone,
                How::Left | How::Failed => Verdict::Fails,
            };
        }
        let Some(at) = self.position(id) else {
            return Verdict::Gone;
        };
        let member = &mut self.members[at];
        let again = match (member.state, member.restart) {
            (_, RestartType::Temporary) => false,
            // It goes with another, whose restart is counted.
            (State::Doomed | State::Stopping, _) if asked => false,
            (State::Doomed | State::Stopping, _) => return Verdict::Restarts,
            (_, RestartType::Permanent) => true,
            (_, RestartType::Transient) => how == How::Failed,
        };
        if asked || !again {
            return Verdict::Gone;
        }
        let calm = member
            .up_since
            .is_some_and(|since| now.duration_since(since) > self.policy.window);
        member.failures = if calm { 1 } else { member.failures + 1 };
        match self.may_restart(now) {
            true => Verdict::Restarts,
            false => Verdict::Fails,
        }
    }

    /// Counts a restart; false when there were too many within the window.
    fn may_restart(&mut self, now: Instant) -> bool {
        let window = self.policy.window;
        self.restarts.retain(|&at| now.duration_since(at) <= window);
        self.restarts.push_back(now);
        self.restarts.len() <= self.policy.max
    }

    /// Makes a child that has ended wait for its restart, and dooms those that go with it.
    fn restart(&mut self, id: ChildId, jitter: f64) {
        let Some(at) = self.position(id) else {
            return;
        };
        let member = &mut self.members[at];
        let replaced = matches!(member.state, State::Doomed | State::Stopping);
        member.state = State::Waiting(match replaced {
            true => Duration::ZERO,
            false => self.policy.delay(member.failures, jitter),
        });
        if replaced {
            return;
        }
        let with_it = match self.policy.strategy {
            Restart::Never | Restart::OneForOne => return,
            Restart::OneForAll => 0,
            Restart::RestForOne => at,
        };
        for member in &mut self.members[with_it..] {
            if matches!(member.state, State::Starting | State::Up) {
                member.state = State::Doomed;
            }
        }
    }

    fn position(&self, id: ChildId) -> Option<usize> {
        let found = self.members.binary_search_by_key(&id, |member| member.id);
        found.ok()
    }

    fn remove(&mut self, id: ChildId) {
        if let Some(at) = self.position(id) {
            self.members.remove(at);
        }
    }

    /// Finds out what has to be done next.
    fn step(&mut self) {
        if self.is_ending() {
            self.step_down();
        } else if !self.step_back() {
            self.step_up();
        }
    }

    /// Asks children to end for good: the youngest first, one after the other, if they depend on
    /// each other.
    fn step_down(&mut self) {
        let in_turn = self.policy.is_ordered() && self.ending < Rung::Kill;
        for member in self.members.iter_mut().rev() {
            if member.state != State::Ending {
                member.state = State::Ending;
                self.actions.push(Action::Stop(member.id, self.ending));
            }
            if in_turn {
                return;
            }
        }
    }

    /// Asks the youngest of those that have to be replaced to end. True until all have.
    fn step_back(&mut self) -> bool {
        let mut dying = self
            .members
            .iter_mut()
            .rev()
            .filter(|member| matches!(member.state, State::Doomed | State::Stopping));
        let Some(member) = dying.next() else {
            return false;
        };
        if member.state == State::Doomed {
            member.state = State::Stopping;
            self.actions.push(Action::Replace(member.id));
        }
        true
    }

    /// Starts those that wait: the oldest first, one after the other, if they depend on each other.
    fn step_up(&mut self) {
        for member in &mut self.members {
            if let State::Waiting(delay) = member.state {
                member.state = State::Starting;
                self.actions.push(Action::Start(member.id, delay));
            }
            if self.policy.is_ordered() && member.state == State::Starting {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;

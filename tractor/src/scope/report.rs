//! How the children of a scope ended.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Error, Exit};

/// How many exits and failures are kept (B1).
const KEPT: usize = 4096;

/// The exits of a scope's children so far, in the order in which they were reaped.
///
/// Clones share it, and it can be read after the scope has ended. Of a scope that lives long, the
/// last 4,096 exits and failures are kept.
#[derive(Debug, Clone, Default)]
pub struct ExitReport {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    exits: VecDeque<Exit>,
    failures: VecDeque<Error>,
    restarts: usize,
}

impl ExitReport {
    /// The exits that were observed until now.
    pub fn exits(&self) -> Vec<Exit> {
        self.lock().exits.iter().cloned().collect()
    }

    /// The failures of children until now, those included that were answered by a restart, and
    /// those that the scope did not return because its body had an error of its own.
    pub fn failures(&self) -> Vec<Error> {
        self.lock().failures.iter().cloned().collect()
    }

    /// How often a child was started again.
    pub fn restarts(&self) -> usize {
        self.lock().restarts
    }

    pub(super) fn exited(&self, exit: Exit) {
        push(&mut self.lock().exits, exit);
    }

    pub(super) fn failed(&self, failure: Error) {
        push(&mut self.lock().failures, failure);
    }

    pub(super) fn restarted(&self) {
        self.lock().restarts += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}

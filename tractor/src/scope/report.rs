//! How the children of a scope ended.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::Exit;

/// The exits of a scope's children so far, in the order in which they were reaped.
///
/// Clones share it, and it can be read after the scope has ended.
#[derive(Debug, Clone, Default)]
pub struct ExitReport {
    exits: Arc<Mutex<Vec<Exit>>>,
}

impl ExitReport {
    /// The exits that were observed until now.
    pub fn exits(&self) -> Vec<Exit> {
        self.exits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn push(&self, exit: Exit) {
        self.exits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(exit);
    }
}

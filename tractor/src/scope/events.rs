//! What the owner of a process tells its supervisor.

use tokio::sync::mpsc;

use super::census::Reached;
use super::family::ChildId;
use super::owner::Outcome;
use crate::base::Error;

/// News of one child.
pub(super) struct Event {
    pub(super) child: ChildId,
    pub(super) news: News,
}

pub(super) enum News {
    /// A process of it is ready for calls.
    Started(Reached),
    /// The function of a one-shot has failed; its process may take a while to end.
    Failed(Error),
    /// Its process is reaped, or never was.
    Ended(Outcome),
}

/// Tells the supervisor the news of one child.
#[derive(Clone)]
pub(super) struct Events {
    child: ChildId,
    // At most three messages for each process.
    supervisor: mpsc::UnboundedSender<Event>,
}

impl Events {
    pub(super) fn new(child: ChildId, supervisor: mpsc::UnboundedSender<Event>) -> Self {
        Self { child, supervisor }
    }

    pub(super) fn tell(&self, news: News) {
        // The supervisor waits for every `Ended`, unless the whole runtime is shutting down.
        let _ = self.supervisor.send(Event {
            child: self.child,
            news,
        });
    }
}

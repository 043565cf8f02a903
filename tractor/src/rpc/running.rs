//! The handlers of one link that are at work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use super::current::CurrentCall;
use crate::base::{Aid, CallSnapshot, Coarse, Tasks};
use crate::wire::{CallId, Violation};

/// The handlers of one link that are at work; clones share them.
#[derive(Clone)]
pub(crate) struct Running {
    handlers: Arc<Mutex<HashMap<CallId, AtWork>>>,
    tasks: Tasks,
}

/// One handler that is at work.
struct AtWork {
    current: CurrentCall,
    /// When it was listed.
    since: Coarse,
    /// Its task, once that is spawned.
    task: Option<AbortHandle>,
}

/// A handler's place on the list, until it is dropped.
pub(super) struct ListedHandler {
    running: Running,
    call: CallId,
}

impl Running {
    pub(super) fn new() -> Self {
        Self {
            handlers: Arc::default(),
            tasks: Tasks::new(),
        }
    }

    /// Refuses what no caller that keeps its own limit would send (B1, W1).
    pub(super) fn admit(&self, call: CallId, max_in_flight: usize) -> Result<(), Violation> {
        let handlers = self.lock();
        if handlers.contains_key(&call) {
            return Err(Violation::StartedTwice(call));
        }
        if handlers.len() >= max_in_flight {
            return Err(Violation::TooManyInFlight(max_in_flight));
        }
        Ok(())
    }

    /// Puts a handler on the list, before its task is spawned.
    pub(super) fn list(&self, call: CallId, current: CurrentCall) -> ListedHandler {
        let handler = AtWork {
            current,
            since: Coarse::now(),
            task: None,
        };
        self.lock().insert(call, handler);
        ListedHandler {
            running: self.clone(),
            call,
        }
    }

    /// Spawns the task of a handler that is listed.
    pub(super) fn spawn(&self, call: CallId, task: impl Future<Output = ()> + Send + 'static) {
        // Not under the lock: a runtime that is shutting down drops the task at once, and with it
        // the handler's place on the list.
        let task = self.tasks.spawn_unboxed(task);
        if let Some(handler) = self.lock().get_mut(&call) {
            handler.task = Some(task);
        }
    }

    /// Cancels a handler for its caller.
    pub(super) fn cancel(&self, call: CallId) {
        // A call that is not here has been answered: the answer and the cancel crossed.
        if let Some(handler) = self.lock().get(&call) {
            handler.current.cancel();
        }
    }

    /// Cancels every handler with the whole actor.
    pub(super) fn cancel_all(&self, by: &Aid) {
        for handler in self.lock().values() {
            handler.current.cancel_with_actor(by);
        }
    }

    /// Drops every handler, shielded or not.
    pub(crate) fn abort_all(&self) {
        for handler in self.lock().values() {
            if let Some(task) = &handler.task {
                task.abort();
            }
        }
    }

    /// The calls whose handlers are at work.
    pub(crate) fn calls(&self) -> Vec<CallSnapshot> {
        let handlers = self.lock();
        let calls = handlers.values().map(|handler| CallSnapshot {
            function: handler.current.function().to_owned(),
            peer: handler.current.caller().clone(),
            age: handler.since.elapsed(),
            cancelled: handler.current.is_cancelled(),
        });
        calls.collect()
    }

    /// Resolves when no handler is left. A plain function that still runs is not waited for: the
    /// process is about to end, and takes it along.
    pub(crate) async fn finished(&self) {
        self.tasks.finished().await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CallId, AtWork>> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ListedHandler {
    fn drop(&mut self) {
        self.running.lock().remove(&self.call);
    }
}

//! How the function at the other end of a context has ended, and who wants to know.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::base::{Cancelled, ConfigError, Error, Result};

/// How a context ended, without raising it; see
/// [`OpenedContext::outcome`](crate::OpenedContext::outcome).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ContextOutcome<T> {
    /// The function returned this.
    Returned(T),
    /// It was cancelled.
    Cancelled(Cancelled),
    /// It failed, its actor died, or the link was lost.
    Failed(Error),
}

impl<T> From<Result<T>> for ContextOutcome<T> {
    fn from(result: Result<T>) -> Self {
        match result {
            Ok(value) => Self::Returned(value),
            Err(Error::Cancelled(cancelled)) => Self::Cancelled(cancelled),
            Err(error) => Self::Failed(error),
        }
    }
}

/// Between the scope of a context, which drives it, and its body; clones are the same.
pub(super) struct Ended<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    /// Somebody asks for the end.
    asked: Notify,
    /// It has ended.
    ended: Notify,
}

struct State<T> {
    /// The body has asked for the end.
    asked: bool,
    /// The scope has, because of something else.
    ordered: bool,
    end: End<T>,
}

enum End<T> {
    Awaited,
    Here(Result<T>),
    /// The body knows it.
    Taken,
}

impl<T> Ended<T> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                asked: false,
                ordered: false,
                end: End::Awaited,
            }),
            asked: Notify::new(),
            ended: Notify::new(),
        }))
    }

    /// Asks for the end, for the body.
    pub(super) fn ask(&self) {
        self.lock().asked = true;
        self.0.asked.notify_one();
    }

    /// Asks for the end, if it is still to come, because something else has failed.
    pub(super) fn order(&self) {
        let mut state = self.lock();
        state.ordered = matches!(state.end, End::Awaited);
        self.0.asked.notify_one();
    }

    /// Resolves when somebody asks for the end.
    pub(super) async fn asked(&self) {
        self.0.asked.notified().await;
    }

    /// Notes the end.
    pub(super) fn end(&self, result: Result<T>) {
        self.lock().end = End::Here(result);
        self.0.ended.notify_waiters();
    }

    /// Resolves when it has ended.
    pub(super) async fn ended(&self) {
        loop {
            let ended = self.0.ended.notified();
            if self.has_ended() {
                return;
            }
            ended.await;
        }
    }

    /// True once it has.
    pub(super) fn has_ended(&self) -> bool {
        !matches!(self.lock().end, End::Awaited)
    }

    /// Takes how it has ended.
    pub(super) async fn take(&self) -> Result<T> {
        self.ended().await;
        match std::mem::replace(&mut self.lock().end, End::Taken) {
            End::Here(result) => result,
            End::Awaited | End::Taken => {
                Err(ConfigError::new("the result of a context can be had only once").into())
            }
        }
    }

    /// True when it has failed and the body neither knows nor has asked for it.
    pub(super) fn is_failure(&self) -> bool {
        let state = self.lock();
        !state.asked && matches!(state.end, End::Here(Err(_)))
    }

    /// What the scope fails with: how it has ended, if the body does not know that. A cancellation
    /// that was asked for here is none.
    pub(super) fn failure(&self) -> Option<Error> {
        let mut state = self.lock();
        let expected = state.asked || state.ordered;
        match std::mem::replace(&mut state.end, End::Taken) {
            End::Here(Err(Error::Cancelled(_))) if expected => None,
            End::Here(Err(error)) => Some(error),
            End::Here(Ok(_)) | End::Taken | End::Awaited => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Ended<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

//! The children of this process, whichever scope they belong to, for whoever wants to see them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::{Instant, timeout_at};

use super::introspect::subtree;
use super::snapshot::less;
use crate::base::{ActorSnapshot, ActorState, Aid, Result};
use crate::rpc::{Handlers, Run};
use crate::session::{Link, Route};

/// The children of the actors of this process.
static CENSUS: Mutex<Vec<Weak<Member>>> = Mutex::new(Vec::new());

/// One child, whichever process it has just now.
pub(super) struct Member {
    parent: Aid,
    path: String,
    now: Mutex<Now>,
    /// A question that it has not answered, and when it was to. Once that is over, it is not asked again
    /// before it has answered: however often somebody looks, it does not collect them.
    asked: Mutex<Option<(Question, Instant)>>,
}

/// What its supervisor knows of a child.
#[derive(Clone)]
pub(super) struct Now {
    pub(super) state: ActorState,
    pub(super) restarts: usize,
    /// The process that is ready for calls, or was.
    pub(super) reached: Option<Reached>,
}

/// A process that is ready for calls.
#[derive(Clone)]
pub(super) struct Reached {
    pub(super) link: Link,
    /// What it has called here.
    pub(super) handlers: Handlers,
}

/// What a child does, once it says so.
type Question = Shared<BoxFuture<'static, Result<ActorSnapshot>>>;

/// Nobody waits longer for an answer.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl Member {
    /// A child of `parent` that is about to be started.
    pub(super) fn new(parent: Aid, path: String) -> Arc<Self> {
        let member = Arc::new(Self {
            parent,
            path,
            now: Mutex::new(Now {
                state: ActorState::Starting,
                restarts: 0,
                reached: None,
            }),
            asked: Mutex::new(None),
        });
        let mut census = CENSUS.lock().unwrap_or_else(PoisonError::into_inner);
        census.retain(|member| member.strong_count() > 0);
        census.push(Arc::downgrade(&member));
        member
    }

    /// It is ready for calls.
    pub(super) fn set_up(&self, reached: Reached) {
        *self.asked() = None;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        match now.state {
            // It was asked to end before that was known.
            ActorState::Ending => {}
            ActorState::Restarting => {
                now.state = ActorState::Running;
                now.restarts += 1;
            }
            _ => now.state = ActorState::Running,
        }
        now.reached = Some(reached);
    }

    /// It was asked to end.
    pub(super) fn set_ending(&self) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.state = ActorState::Ending;
    }

    /// Its process has ended, and another takes the place.
    pub(super) fn set_restarting(&self) {
        *self.asked() = None;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.state = ActorState::Restarting;
        now.reached = None;
    }

    /// The path of names from the root.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// What is known of it.
    pub(super) fn now(&self) -> Now {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }

    /// Asks the process at the other end of `link` what it and all below it do; `None` when it does not
    /// answer within that time.
    pub(super) async fn ask(&self, link: &Link, within: Duration) -> Option<Result<ActorSnapshot>> {
        let due = Instant::now() + within.min(LONGEST);
        let before = self.asked().clone();
        if let Some((overdue, _)) = before.filter(|(_, due)| *due <= Instant::now()) {
            // What it saw then is old.
            let _ = timeout_at(due, overdue).await.ok()?;
        }
        let left = due.saturating_duration_since(Instant::now());
        let question = Run::new(Route::Only(link.clone()), subtree(less(left)));
        let question = question.detached().boxed().shared();
        self.forget_answered()
            .get_or_insert_with(|| (question.clone(), due));
        let answer = timeout_at(due, question).await.ok();
        drop(self.forget_answered());
        answer
    }

    /// Forgets what was asked, if it is answered.
    fn forget_answered(&self) -> MutexGuard<'_, Option<(Question, Instant)>> {
        let mut asked = self.asked();
        asked.take_if(|(question, _)| question.peek().is_some());
        asked
    }

    fn asked(&self) -> MutexGuard<'_, Option<(Question, Instant)>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The children of `parent`, in the order in which they were added.
pub(super) fn children(parent: &Aid) -> Vec<Arc<Member>> {
    let census = CENSUS.lock().unwrap_or_else(PoisonError::into_inner);
    let members = census.iter().filter_map(Weak::upgrade);
    members.filter(|member| member.parent == *parent).collect()
}

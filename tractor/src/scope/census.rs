//! The children of this process, whichever scope they belong to, for whoever wants to see them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::introspect::subtree;
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
    /// What it was asked, until it has answered. There is one at a time, however often somebody looks:
    /// a child that does not answer would collect them.
    probe: Mutex<Option<Probe>>,
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

/// What a child answers when it is asked what it does.
type Probe = Shared<BoxFuture<'static, Result<ActorSnapshot>>>;

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
            probe: Mutex::new(None),
        });
        let mut census = CENSUS.lock().unwrap_or_else(PoisonError::into_inner);
        census.retain(|member| member.strong_count() > 0);
        census.push(Arc::downgrade(&member));
        member
    }

    /// It is ready for calls.
    pub(super) fn is_up(&self, reached: Reached) {
        *self.probe() = None;
        let mut now = self.lock();
        now.state = ActorState::Running;
        now.reached = Some(reached);
    }

    /// It was asked to end.
    pub(super) fn is_ending(&self) {
        self.lock().state = ActorState::Ending;
    }

    /// Its process has ended, and another takes the place.
    pub(super) fn is_restarting(&self) {
        let mut now = self.lock();
        now.state = ActorState::Restarting;
        now.restarts += 1;
        now.reached = None;
    }

    /// The path of names from the root.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// What is known of it.
    pub(super) fn now(&self) -> Now {
        self.lock().clone()
    }

    /// Asks the process at the other end of `link` what it does; it is to answer `within` that time,
    /// whatever those below it do.
    pub(super) async fn ask(&self, link: &Link, within: Duration) -> Result<ActorSnapshot> {
        let before = self.probe().clone();
        if let Some(before) = before {
            // Once that is answered, it answers again; what it saw then is old.
            let _ = before.await;
        }
        let probe = {
            let mut probe = self.probe();
            let begin = || {
                Run::new(Route::Only(link.clone()), subtree(within))
                    .boxed()
                    .shared()
            };
            probe.take_if(|probe| probe.peek().is_some());
            probe.get_or_insert_with(begin).clone()
        };
        probe.await
    }

    fn probe(&self) -> MutexGuard<'_, Option<Probe>> {
        self.probe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The children of `parent`, in the order in which they were added.
pub(super) fn children(parent: &Aid) -> Vec<Arc<Member>> {
    let census = CENSUS.lock().unwrap_or_else(PoisonError::into_inner);
    let members = census.iter().filter_map(Weak::upgrade);
    members.filter(|member| member.parent == *parent).collect()
}

//! The way to an actor, whichever process it is just now.

use std::sync::Arc;

use tokio::sync::watch;

use super::Link;
use crate::base::Error;

/// The way to an actor: the link to its process, or, while that is being replaced, to the next.
///
/// Clones lead to the same actor.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    leg: Arc<watch::Sender<Leg>>,
}

#[derive(Debug)]
struct Leg {
    link: Link,
    next: Next,
}

/// What follows when the link is closed.
#[derive(Debug)]
enum Next {
    /// Another link, unless the actor ends.
    Link,
    /// Nothing: the actor ends with its process.
    Nothing,
    /// Nothing: the actor has ended, between two processes or with one, because of this.
    Ended(Error),
}

impl Route {
    /// The way to an actor that is replaced when its process ends.
    pub(crate) fn replaceable(link: Link) -> Self {
        Self::new(link, Next::Link)
    }

    /// The way to an actor of which there is one process only.
    pub(crate) fn only(link: Link) -> Self {
        Self::new(link, Next::Nothing)
    }

    fn new(link: Link, next: Next) -> Self {
        Self {
            leg: Arc::new(watch::Sender::new(Leg { link, next })),
        }
    }

    /// The link to the newest process, which may have ended.
    #[inline]
    pub(crate) fn link(&self) -> Link {
        self.leg.borrow().link.clone()
    }

    /// True while a call may still be answered, be it by the next process.
    pub(crate) fn is_open(&self) -> bool {
        let leg = self.leg.borrow();
        matches!(leg.next, Next::Link) || leg.link.is_open()
    }

    /// A link that calls can be started on, as soon as there is one. Cancel safe.
    ///
    /// # Errors
    ///
    /// What the actor ended by, when there will be no other.
    pub(crate) async fn open(&self) -> Result<Link, Error> {
        let mut legs = self.leg.subscribe();
        let leg = legs
            .wait_for(|leg| leg.open().is_some())
            .await
            .expect("the sender lives in `self`");
        leg.open().expect("it was waited for")
    }

    /// Leads to the next process from now on.
    pub(crate) fn replace(&self, link: Link) {
        self.leg.send_modify(|leg| leg.link = link);
    }

    /// No other process follows, because of `reason`. The last link has to be closed by then.
    pub(crate) fn end(&self, reason: &Error) {
        self.leg.send_modify(|leg| {
            if let Next::Link = leg.next {
                leg.next = Next::Ended(reason.clone());
            }
        });
    }
}

impl Leg {
    /// The link that calls can be started on, or why there will be none; `None` while that is open.
    fn open(&self) -> Option<Result<Link, Error>> {
        if self.link.is_open() {
            return Some(Ok(self.link.clone()));
        }
        match &self.next {
            Next::Link => None,
            Next::Nothing => self.link.closed().map(Err),
            Next::Ended(reason) => Some(Err(reason.clone())),
        }
    }
}

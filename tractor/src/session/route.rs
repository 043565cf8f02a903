//! The way to an actor, whichever process it is just now.

use std::future::pending;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::coop::consume_budget;

use super::Link;
use crate::base::Error;

/// The way to an actor: the link to its process, or, while that is being replaced, to the next.
///
/// Clones lead to the same actor.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// There is one process only.
    Only(Link),
    /// The process is replaced when it ends.
    Replaceable(Arc<watch::Sender<Leg>>),
}

/// Which of the processes that a route leads to.
#[derive(Debug, Clone)]
pub(crate) enum Destination {
    /// The only one.
    Only,
    /// The one with this link.
    Linked(Link),
}

/// The part of a route that changes.
#[derive(Debug)]
pub(crate) struct Leg {
    link: Link,
    /// Why the actor has ended, between two processes or with one; then no other follows.
    ended: Option<Error>,
}

impl Route {
    /// The way to an actor that is replaced when its process ends.
    pub(crate) fn replaceable(link: Link) -> Self {
        let leg = Leg { link, ended: None };
        Self::Replaceable(Arc::new(watch::Sender::new(leg)))
    }

    /// The link to the newest process, which may have ended.
    pub(crate) fn link(&self) -> Link {
        match self {
            Self::Only(link) => link.clone(),
            Self::Replaceable(leg) => leg.borrow().link.clone(),
        }
    }

    /// The newest process, which may have ended.
    #[inline]
    pub(crate) fn newest(&self) -> Destination {
        match self {
            Self::Only(_) => Destination::Only,
            Self::Replaceable(_) => Destination::Linked(self.link()),
        }
    }

    /// The link to a process that this leads to.
    #[inline]
    pub(crate) fn link_to<'a>(&'a self, to: &'a Destination) -> &'a Link {
        match (to, self) {
            (Destination::Linked(link), _) | (Destination::Only, Self::Only(link)) => link,
            (Destination::Only, Self::Replaceable(_)) => unreachable!("it has no only process"),
        }
    }

    /// True while a call may still be answered, be it by the next process.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Only(link) => link.is_open(),
            Self::Replaceable(leg) => {
                let leg = leg.borrow();
                leg.ended.is_none() || leg.link.is_open()
            }
        }
    }

    /// A link that calls can be started on, as soon as there is one. Cancel safe.
    ///
    /// # Errors
    ///
    /// What the actor ended by, when there will be no other.
    pub(crate) async fn open(&self) -> Result<Link, Error> {
        // A loop that calls the dead again and again lets others have their turn.
        consume_budget().await;
        match self {
            Self::Only(link) if link.is_open() => Ok(link.clone()),
            Self::Only(link) => match link.closed() {
                Some(reason) => Err(reason),
                // It is about to be closed, and whoever waits here is dropped with it.
                None => pending().await,
            },
            Self::Replaceable(leg) => {
                let mut legs = leg.subscribe();
                let leg = legs
                    .wait_for(|leg| leg.open().is_some())
                    .await
                    .expect("the sender lives in `self`");
                leg.open().expect("it was waited for")
            }
        }
    }

    /// Leads to the next process from now on, if there can be one.
    pub(crate) fn replace(&self, link: Link) {
        if let Self::Replaceable(leg) = self {
            leg.send_modify(|leg| leg.link = link);
        }
    }

    /// No other process follows, because of `reason`. The last link has to be closed by then.
    pub(crate) fn end(&self, reason: &Error) {
        if let Self::Replaceable(leg) = self {
            leg.send_modify(|leg| _ = leg.ended.get_or_insert_with(|| reason.clone()));
        }
    }
}

impl Leg {
    /// The link that calls can be started on, or why there will be none; `None` while that is open.
    fn open(&self) -> Option<Result<Link, Error>> {
        if self.link.is_open() {
            return Some(Ok(self.link.clone()));
        }
        self.ended.clone().map(Err)
    }
}

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
    /// True when no other link will follow.
    last: bool,
}

impl Route {
    /// The way to an actor that is replaced when its process ends.
    pub(crate) fn replaceable(link: Link) -> Self {
        Self::new(link, false)
    }

    /// The way to an actor of which there is one process only.
    pub(crate) fn only(link: Link) -> Self {
        Self::new(link, true)
    }

    fn new(link: Link, last: bool) -> Self {
        Self {
            leg: Arc::new(watch::Sender::new(Leg { link, last })),
        }
    }

    /// The link to the newest process, which may have ended.
    pub(crate) fn link(&self) -> Link {
        self.leg.borrow().link.clone()
    }

    /// True while a call may still be answered, be it by the next process.
    pub(crate) fn is_open(&self) -> bool {
        let leg = self.leg.borrow();
        !leg.last || leg.link.is_open()
    }

    /// A link that calls can be started on, as soon as there is one. Cancel safe.
    ///
    /// # Errors
    ///
    /// What the last process ended by, when there will be no other.
    pub(crate) async fn open(&self) -> Result<Link, Error> {
        let mut legs = self.leg.subscribe();
        let leg = legs
            .wait_for(|leg| leg.link.is_open() || leg.link.closed().is_some() && leg.last)
            .await
            .expect("the sender lives in `self`");
        match leg.link.closed() {
            Some(error) if leg.last => Err(error),
            _ => Ok(leg.link.clone()),
        }
    }

    /// Leads to the next process from now on.
    pub(crate) fn replace(&self, link: Link) {
        self.leg.send_modify(|leg| leg.link = link);
    }

    /// No other process follows. The last link has to be closed by then.
    pub(crate) fn end(&self) {
        self.leg.send_modify(|leg| leg.last = true);
    }
}

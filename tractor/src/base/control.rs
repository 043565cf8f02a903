//! The line between whoever may end an actor and the scope that owns it.

use tokio::sync::watch;

use super::{Aid, Error, Rung};

/// Asks for the end of one actor, and learns what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    orders: Orderer,
    fate: watch::Receiver<Fate>,
}

/// The owner's end of a [`Control`].
#[derive(Debug)]
pub(crate) struct Controlled {
    orders: watch::Receiver<Order>,
    fate: watch::Sender<Fate>,
}

/// Asks for an end; what was asked before is never taken back. Clones ask the same.
#[derive(Debug, Clone)]
pub(crate) struct Orderer(watch::Sender<Order>);

/// The rung that was asked for, and by whom first.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) rung: Rung,
    pub(crate) by: Option<Aid>,
    /// True when another process is going to take the place of this one.
    pub(crate) replaced: bool,
}

/// What became of an actor.
#[derive(Debug, Default)]
struct Fate {
    /// Why nothing can be asked of it any more.
    reason: Option<Error>,
    /// True once its last process is reaped.
    ended: bool,
}

impl Orderer {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Order {
            rung: Rung::Unasked,
            by: None,
            replaced: false,
        }))
    }

    /// Asks for `rung`.
    pub(crate) fn bring_down(&self, rung: Rung, by: &Aid) {
        self.ask(rung, by, false);
    }

    /// Asks for the end, because another process is going to take the place of this one.
    pub(crate) fn replace(&self, by: &Aid) {
        self.ask(Rung::Cancel, by, true);
    }

    fn ask(&self, rung: Rung, by: &Aid, replaced: bool) {
        self.0.send_if_modified(|order| {
            let raise = rung > order.rung;
            if order.by.is_none() {
                order.replaced = replaced;
            }
            order.rung = rung.max(order.rung);
            order.by.get_or_insert_with(|| by.clone());
            raise
        });
    }

    /// Follows what is asked for.
    pub(crate) fn orders(&self) -> watch::Receiver<Order> {
        self.0.subscribe()
    }
}

impl Control {
    pub(crate) fn new() -> (Self, Controlled) {
        let orders = Orderer::new();
        let (told, fate) = watch::channel(Fate::default());
        let controlled = Controlled {
            orders: orders.orders(),
            fate: told,
        };
        (Self { orders, fate }, controlled)
    }

    /// Asks for `rung`; what was asked before is never taken back.
    pub(crate) fn bring_down(&self, rung: Rung, by: &Aid) {
        self.orders.bring_down(rung, by);
    }

    /// Resolves when the actor is gone: its process is reaped, and no other will follow.
    pub(crate) async fn ended(&self) {
        let mut fate = self.fate.clone();
        // An owner that is gone without a word has no process any more.
        let _ = fate.wait_for(|fate| fate.ended).await;
    }

    /// Resolves with the reason for which nothing can be asked of the actor any more; `None` when
    /// its owner is gone without a word, because the runtime is shutting down.
    pub(crate) async fn reason(&self) -> Option<Error> {
        let mut fate = self.fate.clone();
        let fate = fate.wait_for(|fate| fate.reason.is_some()).await.ok()?;
        fate.reason.clone()
    }
}

impl Controlled {
    /// Follows what is asked for.
    pub(crate) fn orders(&self) -> watch::Receiver<Order> {
        self.orders.clone()
    }

    /// True when somebody has asked for the actor's end.
    pub(crate) fn is_asked(&self) -> bool {
        self.orders.borrow().rung > Rung::Unasked
    }

    /// Tells that the actor has failed, while it may not be reaped yet.
    pub(crate) fn failed(&self, reason: &Error) {
        self.fate.send_modify(|fate| {
            fate.reason.get_or_insert_with(|| reason.clone());
        });
    }

    /// Tells everybody who waits that the actor is gone.
    pub(crate) fn ended(&self, reason: &Error) {
        self.fate.send_modify(|fate| {
            fate.reason.get_or_insert_with(|| reason.clone());
            fate.ended = true;
        });
    }
}

//! What is asked of the owner of a child.

use std::future::pending;

use tokio::sync::watch;

use crate::base::{Actor, Aid, Controlled, Exit, Order, Rung, Teardown};

/// Everything that can ask for the child's end.
pub(super) struct Orders {
    teardown: watch::Receiver<Teardown>,
    controlled: Controlled,
    hard_kill: bool,
    me: Aid,
}

impl Orders {
    pub(super) fn new(actor: &Actor, controlled: Controlled, hard_kill: bool) -> Self {
        Self {
            teardown: actor.owners().teardown(),
            controlled,
            hard_kill,
            me: actor.aid().clone(),
        }
    }

    /// The actor that owns the child.
    pub(super) fn me(&self) -> &Aid {
        &self.me
    }

    /// Tells everybody who waits for the child's end.
    pub(super) fn fulfilled(&self, exit: Option<&Exit>) {
        self.controlled.exited(exit);
    }

    /// The rung that is asked for now, and by whom.
    pub(super) fn now(&mut self) -> Order {
        let urgency = *self.teardown.borrow_and_update();
        let mut order = self.controlled.order();
        order.rung = order.rung.max(match urgency {
            Teardown::No => Rung::Unasked,
            Teardown::Graceful => Rung::Cancel,
            Teardown::Hard => Rung::Kill,
        });
        if self.hard_kill && order.rung > Rung::Unasked {
            order.rung = Rung::Kill;
        }
        order
    }

    /// Resolves when more may be asked for. Cancel safe.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            _ = self.controlled.changed() => {}
            changed = self.teardown.changed() => {
                if changed.is_err() {
                    // The actor's tasks outlive their owners; there is nothing left to hear.
                    pending::<()>().await;
                }
            }
        }
    }

    /// Resolves with who asked, once anybody has.
    pub(super) async fn asked(&mut self) -> Aid {
        loop {
            let order = self.now();
            if order.rung > Rung::Unasked {
                return order.by.unwrap_or_else(|| self.me.clone());
            }
            self.changed().await;
        }
    }
}

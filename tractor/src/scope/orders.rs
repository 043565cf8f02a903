//! What is asked of the owner of a process.

use std::future::pending;

use tokio::sync::watch;

use crate::base::{Actor, Aid, Order, Orderer, Rung, Teardown};

/// Everything that can ask for the end of a process.
pub(super) struct Orders {
    me: Aid,
    hard_kill: bool,
    /// Whoever holds a portal: the end of the child for good.
    child: watch::Receiver<Order>,
    /// The scope: the end of this process.
    process: watch::Receiver<Order>,
    /// The owner itself, when a one-shot is done.
    own: Rung,
    teardown: watch::Receiver<Teardown>,
}

impl Orders {
    pub(super) fn new(
        actor: &Actor,
        hard_kill: bool,
        child: watch::Receiver<Order>,
        process: &Orderer,
    ) -> Self {
        Self {
            me: actor.aid().clone(),
            hard_kill,
            child,
            process: process.orders(),
            own: Rung::Unasked,
            teardown: actor.owners().teardown(),
        }
    }

    /// The actor that owns the process.
    pub(super) fn me(&self) -> &Aid {
        &self.me
    }

    /// Asks for the end by itself.
    pub(super) fn ask(&mut self) {
        self.own = Rung::Cancel;
    }

    /// The rung that is asked for now, and by whom.
    pub(super) fn now(&mut self) -> Order {
        let child = self.child.borrow_and_update().clone();
        let mut order = self.process.borrow_and_update().clone();
        // Only a hard teardown is everybody's at once; a graceful one goes through the scopes,
        // which may have an order in which they end.
        let torn_down = match *self.teardown.borrow_and_update() {
            Teardown::No | Teardown::Graceful => Rung::Unasked,
            Teardown::Hard => Rung::Kill,
        };
        order.rung = order.rung.max(child.rung).max(self.own).max(torn_down);
        order.by = child.by.or(order.by);
        if self.hard_kill && order.rung > Rung::Unasked {
            order.rung = Rung::Kill;
        }
        order
    }

    /// Resolves when more may be asked for. Cancel safe.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            () = changed(&mut self.child) => {}
            () = changed(&mut self.process) => {}
            () = changed(&mut self.teardown) => {}
        }
    }

    /// Resolves with who asked, once anybody has. Cancel safe.
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

async fn changed<T>(source: &mut watch::Receiver<T>) {
    if source.changed().await.is_err() {
        // Nobody is left who could ask.
        pending::<()>().await;
    }
}

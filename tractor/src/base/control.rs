//! The line between whoever may end an actor and the task that owns its process.

use tokio::sync::watch;

use super::{Aid, Exit, Rung};

/// Asks the owner of one actor to bring it down, and learns how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    order: watch::Sender<Order>,
    exit: watch::Receiver<Option<Exit>>,
}

/// The owner's end of a [`Control`].
#[derive(Debug)]
pub(crate) struct Controlled {
    order: watch::Receiver<Order>,
    exit: watch::Sender<Option<Exit>>,
}

/// The rung that was asked for, and who asked first.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) rung: Rung,
    pub(crate) by: Option<Aid>,
}

impl Control {
    pub(crate) fn new() -> (Self, Controlled) {
        let order = watch::Sender::new(Order {
            rung: Rung::Unasked,
            by: None,
        });
        let (exited, exit) = watch::channel(None);
        let controlled = Controlled {
            order: order.subscribe(),
            exit: exited,
        };
        (Self { order, exit }, controlled)
    }

    /// Asks for `rung`; what was asked before is never taken back.
    pub(crate) fn bring_down(&self, rung: Rung, by: &Aid) {
        self.order.send_if_modified(|order| {
            let raise = rung > order.rung;
            order.rung = rung.max(order.rung);
            order.by.get_or_insert_with(|| by.clone());
            raise
        });
    }

    /// Resolves when the process is reaped; `None` when it never came to life.
    pub(crate) async fn exited(&self) -> Option<Exit> {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.clone(),
            Err(_) => None,
        }
    }
}

impl Controlled {
    /// What is asked for now.
    pub(crate) fn order(&self) -> Order {
        self.order.borrow().clone()
    }

    /// Resolves when more is asked for. Cancel safe.
    pub(crate) async fn changed(&mut self) -> Order {
        if self.order.changed().await.is_err() {
            // Nobody is left who could ask.
            std::future::pending::<()>().await;
        }
        self.order.borrow_and_update().clone()
    }

    /// Tells everybody who waits that the process is reaped.
    pub(crate) fn exited(&self, exit: Option<&Exit>) {
        self.exit.send_replace(exit.cloned());
    }
}

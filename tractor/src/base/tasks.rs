//! Tasks that have to end before their actor does.

use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Counts tasks of one kind, so that an actor can wait for the last of them.
///
/// Owners of child processes live here: a scope may be dropped, the owner of its children goes on
/// until they are reaped (S3), and the process does not exit before that.
#[derive(Debug, Clone)]
pub(crate) struct Tasks {
    running: Arc<watch::Sender<usize>>,
    teardown: Arc<watch::Sender<Teardown>>,
}

/// How urgently everything in this actor has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Teardown {
    /// Not at all: the actor is at work.
    No,
    /// Down the ladder from its first rung.
    Graceful,
    /// The last rung at once.
    Hard,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::new(watch::Sender::new(0)),
            teardown: Arc::new(watch::Sender::new(Teardown::No)),
        }
    }

    /// Spawns a task that [`finished`](Self::finished) waits for.
    ///
    /// On the heap, whatever it is: what tokio has to do for a task is then compiled once.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(task);
        self.spawn_unboxed(task);
    }

    /// [`spawn`](Self::spawn), for tasks of which there are many.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that counts what it spawns"
    )]
    pub(crate) fn spawn_unboxed(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> AbortHandle {
        let counted = self.hold();
        tokio::spawn(async move {
            // Named here, so that the guard moves into the task and outlives the future: a task
            // aborted before its first poll is counted out too.
            let _counted = counted;
            pin!(task).await;
        })
        .abort_handle()
    }

    /// Counts something else like a task, until the guard is dropped.
    pub(crate) fn hold(&self) -> Counted {
        Counted::new(self.running.clone())
    }

    /// Resolves when no task is left.
    pub(crate) async fn finished(&self) {
        let mut running = self.running.subscribe();
        running
            .wait_for(|running| *running == 0)
            .await
            .expect("the sender lives in `self`");
    }

    /// Asks every task to bring down what it owns; the urgency only ever rises.
    pub(crate) fn tear_down(&self, urgency: Teardown) {
        self.teardown.send_if_modified(|current| {
            let raise = urgency > *current;
            *current = urgency.max(*current);
            raise
        });
    }

    /// Follows the urgency.
    pub(crate) fn teardown(&self) -> watch::Receiver<Teardown> {
        self.teardown.subscribe()
    }
}

/// Counted until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Arc<watch::Sender<usize>>);

impl Counted {
    fn new(running: Arc<watch::Sender<usize>>) -> Self {
        running.send_modify(|running| *running += 1);
        Self(running)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

//! The one task that owns a scope: it linearises starts, ends and cancellations.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::task::Poll;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot, watch};

use super::life::Outcome;
use super::owner::Owner;
use super::report::ExitReport;
use crate::base::{
    Actor, Aid, Cancelled, ConfigError, Control, Error, Result, Rung, SpawnError, Teardown,
};
use crate::process::Launch;
use crate::session::Link;

/// What a scope's handle may ask of its supervisor at a time (B1).
const COMMANDS: usize = 64;

/// A child to be started.
pub(super) struct Child {
    pub(super) launch: Launch,
    pub(super) hard_kill: bool,
}

/// A child that is ready for calls.
pub(super) struct Started {
    pub(super) link: Link,
    pub(super) control: Control,
}

/// A child to be started, and who waits for it.
struct Start {
    child: Child,
    started: oneshot::Sender<Result<Link>>,
    control: oneshot::Sender<Control>,
}

enum Command {
    Start(Box<Start>),
    BringDown(Rung),
}

/// A handle to a scope's supervisor, for the scope's body; it may outlive the scope.
#[derive(Clone)]
pub(super) struct Handle {
    commands: mpsc::Sender<Command>,
}

/// The scope itself. When it is dropped, everything in it is torn down.
pub(super) struct Supervision {
    me: Aid,
    body: oneshot::Sender<()>,
    failing: watch::Receiver<bool>,
    done: oneshot::Receiver<Vec<Error>>,
}

struct Supervisor {
    actor: Actor,
    report: ExitReport,
    /// The children that are not reaped yet.
    alive: usize,
    controls: Vec<Control>,
    /// The rung that the whole scope is on.
    rung: Rung,
    failures: Vec<Error>,
    failing: watch::Sender<bool>,
    outcomes: mpsc::UnboundedSender<Outcome>,
}

/// Opens a scope that belongs to `actor`.
pub(super) fn open(actor: &Actor, report: ExitReport) -> (Handle, Supervision) {
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (failing, failed) = watch::channel(false);
    let (end, done) = oneshot::channel();
    let (body, body_ended) = oneshot::channel();
    // One message per child ever started: bounded by what `COMMANDS` let in.
    let (outcomes, ended) = mpsc::unbounded_channel();
    let supervisor = Supervisor {
        actor: actor.clone(),
        report,
        alive: 0,
        controls: Vec::new(),
        rung: Rung::Unasked,
        failures: Vec::new(),
        failing,
        outcomes,
    };
    actor.owners().spawn(async move {
        // Nobody listens when the scope's future was dropped: then the teardown was all.
        let _ = end.send(supervisor.run(inbox, ended, body_ended).await);
    });
    let supervision = Supervision {
        me: actor.aid().clone(),
        body,
        failing: failed,
        done,
    };
    (Handle { commands }, supervision)
}

impl Handle {
    /// Starts a child and waits until it is ready for calls.
    pub(super) async fn start(&self, child: Child) -> Result<Started> {
        let (started, ready) = oneshot::channel();
        let (control, controlled) = oneshot::channel();
        let start = Start {
            child,
            started,
            control,
        };
        self.send(Command::Start(Box::new(start))).await;
        let (Ok(control), Ok(link)) = (controlled.await, ready.await) else {
            return Err(ConfigError::new("the scope has ended; it starts no more actors").into());
        };
        Ok(Started {
            link: link?,
            control,
        })
    }

    /// Asks for every child to be brought down.
    pub(super) async fn bring_down(&self, rung: Rung) {
        self.send(Command::BringDown(rung)).await;
    }

    async fn send(&self, command: Command) {
        // A scope that has ended takes no command, and has nothing left to bring down.
        let _ = self.commands.send(command).await;
    }
}

impl Supervisor {
    async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Command>,
        mut ended: mpsc::UnboundedReceiver<Outcome>,
        mut body_ended: oneshot::Receiver<()>,
    ) -> Vec<Error> {
        let mut teardown = self.actor.owners().teardown();
        let (mut open, mut heard) = (true, true);
        while open || self.alive > 0 {
            tokio::select! {
                biased;
                Some(outcome) = ended.recv() => self.ended(outcome),
                command = inbox.recv(), if heard => match command {
                    // A scope that has ended starts nothing: whoever asked is told by the drop.
                    Some(Command::Start(start)) if open => self.start(*start),
                    Some(Command::Start(_)) => {}
                    Some(Command::BringDown(rung)) => self.bring_down(rung),
                    None => heard = false,
                },
                // Sent or dropped: the body has ended, or the scope itself is gone.
                _ = &mut body_ended, if open => {
                    open = false;
                    self.bring_down(Rung::Cancel);
                }
                // The actor ends, and does not wait for a body that may run in a task of its own.
                // The owners have heard it themselves.
                _ = teardown.wait_for(|urgency| *urgency > Teardown::No), if open => {
                    open = false;
                    self.failing.send_replace(true);
                }
            }
        }
        self.failures
    }

    fn start(&mut self, start: Start) {
        let Start {
            child,
            started,
            control: reply,
        } = start;
        let (control, controlled) = Control::new();
        if self.rung > Rung::Unasked {
            // Started into a teardown: it learns at once, as every sibling did.
            control.bring_down(self.rung, self.actor.aid());
        }
        let owner = Owner {
            actor: self.actor.clone(),
            launch: child.launch,
            hard_kill: child.hard_kill,
            controlled,
            started,
        };
        let outcomes = self.outcomes.clone();
        let broken = SpawnError::new(
            &owner.launch.spec.path,
            "its owner panicked: a bug of tractor",
        );
        self.actor.owners().spawn(async move {
            // The supervisor counts on hearing of every child, even if this code is broken; the
            // process is killed as its owner is dropped.
            let outcome = AssertUnwindSafe(owner.run()).catch_unwind().await;
            let _ = outcomes.send(outcome.unwrap_or_else(|_| Outcome {
                exit: None,
                failure: Some(broken.into()),
            }));
        });
        self.alive += 1;
        self.controls.push(control.clone());
        let _ = reply.send(control);
    }

    fn ended(&mut self, outcome: Outcome) {
        self.alive -= 1;
        if let Some(exit) = outcome.exit {
            self.report.push(exit);
        }
        if let Some(failure) = outcome.failure {
            self.failures.push(failure);
            // One cancels all: the siblings at once, the body at its next await.
            self.bring_down(Rung::Cancel);
            self.failing.send_replace(true);
        }
    }

    fn bring_down(&mut self, rung: Rung) {
        self.rung = rung.max(self.rung);
        let me: &Aid = self.actor.aid();
        for control in &self.controls {
            control.bring_down(self.rung, me);
        }
    }
}

impl Supervision {
    /// Runs the body until it ends or a child fails, then waits for the last child (S1).
    pub(super) async fn run<T, E: From<Error>>(
        self,
        body: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut failing = self.failing;
        let ended = {
            let body = AssertUnwindSafe(until_failure(body, &mut failing));
            body.catch_unwind().await
        };
        let _ = self.body.send(());
        let failures = self.done.await.unwrap_or_default();
        match (ended, Error::collect(failures)) {
            (Err(panic), _) => resume_unwind(panic),
            // The body's own error is what it made of a child's failure, and says more.
            (Ok(Some(Err(error))), _) => Err(error),
            (Ok(Some(Ok(value))), None) => Ok(value),
            (Ok(_), Some(failure)) => Err(failure.into()),
            // The actor itself ends, and the body with it.
            (Ok(None), None) => Err(Error::from(Cancelled::new(self.me)).into()),
        }
    }
}

/// The body's result; `None` when it was dropped because a child failed.
async fn until_failure<T>(
    body: impl Future<Output = T>,
    failing: &mut watch::Receiver<bool>,
) -> Option<T> {
    let mut body = pin!(body);
    let mut failed = pin!(async {
        if failing.wait_for(|failing| *failing).await.is_err() {
            // The supervisor ended without a failure; it ends after the body, so never first.
            std::future::pending::<()>().await;
        }
    });
    poll_fn(|cx| {
        // The failure is looked for first and obeyed last: calls on the dead child are resolved
        // before the failure is told, so that the body sees its own errors once more.
        let failed = failed.as_mut().poll(cx).is_ready();
        match body.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if failed => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

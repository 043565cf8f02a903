//! The one task that owns a scope: it linearises starts, ends and cancellations.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot, watch};

use super::census::{Member, Reached};
use super::child::Child;
use super::events::{Event, Events, News};
use super::family::{Action, ChildId, Family, How, Verdict};
use super::orders::Orders;
use super::owner::{Outcome, Owner};
use super::report::ExitReport;
use super::restart::RestartPolicy;
use super::supervision::{Ending, Supervision};
use crate::base::{
    Actor, Aid, Cancelled, ConfigError, Control, Controlled, Error, Orderer, Result, Rung,
    SpawnError, Teardown, in_failing_scope, random, unless_it_hides_failure,
};
use crate::session::Route;

/// What a scope's handle may ask of its supervisor at a time (B1).
const COMMANDS: usize = 64;

/// A child that is ready for calls.
pub(super) struct Started {
    pub(super) route: Route,
    pub(super) control: Control,
}

enum Command {
    Start(Box<Child>, oneshot::Sender<Result<Started>>),
    BringDown(Rung),
}

/// A handle to a scope's supervisor, for the scope's body; it may outlive the scope.
#[derive(Clone)]
pub(super) struct Handle {
    me: Aid,
    commands: mpsc::Sender<Command>,
}

struct Supervisor {
    actor: Actor,
    report: ExitReport,
    family: Family,
    /// The children that are not gone yet.
    slots: HashMap<ChildId, Slot>,
    next_id: ChildId,
    failures: Vec<Error>,
    failing: watch::Sender<bool>,
    events: mpsc::UnboundedSender<Event>,
}

/// One child, whichever process it has just now.
struct Slot {
    child: Arc<Child>,
    /// What others may see of it.
    member: Arc<Member>,
    controlled: Controlled,
    /// Asks for the end of its newest process.
    process: Orderer,
    state: Readiness,
    /// Its failure is the scope's already.
    failure_told: bool,
}

enum Readiness {
    /// It never was ready; somebody waits for that.
    Starting(oneshot::Sender<Result<Started>>, Control),
    /// It has been ready.
    Reachable(Route),
}

/// Opens a scope that belongs to `actor`.
pub(super) fn open(
    actor: &Actor,
    policy: RestartPolicy,
    report: ExitReport,
) -> (Handle, Supervision) {
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (failing, failed) = watch::channel(false);
    let (events, news) = mpsc::unbounded_channel();
    let (supervision, ended, done) = Supervision::new(actor.aid().clone(), failed);
    let supervisor = Supervisor {
        actor: actor.clone(),
        report,
        family: Family::new(policy),
        slots: HashMap::new(),
        next_id: 0,
        failures: Vec::new(),
        failing,
        events,
    };
    actor.owners().spawn(async move {
        // Nobody listens when the scope's future was dropped: then the teardown was all.
        let _ = done.send(supervisor.run(inbox, news, ended).await);
    });
    let me = actor.aid().clone();
    (Handle { me, commands }, supervision)
}

impl Handle {
    /// Starts a child and waits until it is ready for calls.
    ///
    /// Dropped before that, the child is brought down.
    pub(super) async fn start(&self, child: Child) -> Result<Started> {
        let (started, ready) = oneshot::channel();
        self.send(Command::Start(Box::new(child), started)).await;
        let started = ready.await.unwrap_or_else(|_| {
            Err(match in_failing_scope() {
                true => Cancelled::new(self.me.clone()).into(),
                false => ConfigError::new("the scope has ended; it starts no more actors").into(),
            })
        });
        unless_it_hides_failure(started, &self.me).await
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
        mut news: mpsc::UnboundedReceiver<Event>,
        mut body: oneshot::Receiver<Ending>,
    ) -> Vec<Error> {
        let mut teardown = self.actor.owners().teardown();
        let (mut open, mut heard, mut torn_down) = (true, true, false);
        let mut lingers = false;
        // Invariant S1: not before the last child is reaped.
        while open || !self.family.is_empty() {
            tokio::select! {
                biased;
                // The actor ends, and does not wait for a body that may run in a task of its own.
                // Before any command: what is opened now starts nothing.
                _ = teardown.wait_for(|urgency| *urgency > Teardown::No), if !torn_down => {
                    torn_down = true;
                    open = false;
                    self.failing.send_replace(true);
                    self.family.end(Rung::Cancel);
                }
                Some(event) = news.recv() => self.handle(event),
                command = inbox.recv(), if heard => match command {
                    // A scope that has ended starts nothing: whoever asked is told by the drop.
                    Some(Command::Start(child, started)) if open => self.add(*child, started),
                    Some(Command::Start(..)) => {}
                    Some(Command::BringDown(rung)) => self.family.end(rung),
                    None => heard = false,
                },
                // Sent or dropped: the body has ended, or the scope itself is gone.
                ending = &mut body, if open => {
                    open = false;
                    match ending {
                        Ok(Ending::Linger) => lingers = true,
                        Ok(Ending::Hold) => {}
                        Ok(Ending::Cancel) | Err(_) => self.family.end(Rung::Cancel),
                    }
                }
            }
            self.act();
            if lingers {
                lingers = !self.name_daemons();
            }
        }
        self.failures
    }

    fn add(&mut self, child: Child, started: oneshot::Sender<Result<Started>>) {
        if self.family.is_ending() {
            let _ = started.send(Err(Cancelled::new(self.actor.aid().clone()).into()));
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.family.add(id, child.restart);
        let (control, controlled) = Control::new();
        let slot = Slot {
            member: Member::new(self.actor.aid().clone(), child.path(&self.actor)),
            child: Arc::new(child),
            controlled,
            process: Orderer::new(),
            state: Readiness::Starting(started, control),
            failure_told: false,
        };
        self.slots.insert(id, slot);
    }

    fn handle(&mut self, event: Event) {
        let Event { child: id, news } = event;
        match news {
            News::Started(reached) => self.started(id, reached),
            News::Failed(error) => self.failed_early(id, error),
            News::Ended(outcome) => self.ended(id, outcome),
        }
    }

    fn started(&mut self, id: ChildId, reached: Reached) {
        self.family.started(id, Instant::now());
        let Some(slot) = self.slots.get_mut(&id) else {
            return;
        };
        let link = reached.link.clone();
        slot.member.set_up(reached);
        let route = match &slot.state {
            Readiness::Reachable(route) => return route.replace(link),
            Readiness::Starting(..) if self.family.replaces(slot.child.restart) => {
                Route::replaceable(link)
            }
            Readiness::Starting(..) => Route::Only(link),
        };
        let state = Readiness::Reachable(route.clone());
        if let Readiness::Starting(started, control) = std::mem::replace(&mut slot.state, state)
            && let Err(Ok(unwanted)) = started.send(Ok(Started { route, control }))
        {
            unwanted.control.bring_down(Rung::Cancel, self.actor.aid());
        }
    }

    /// A one-shot has failed. If that is the end of the scope, the siblings learn it before its
    /// process is reaped.
    fn failed_early(&mut self, id: ChildId, error: Error) {
        if self.family.tolerates_failures() {
            return;
        }
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.failure_told = true;
            slot.controlled.failed(&error);
        }
        self.fail(error);
    }

    fn ended(&mut self, id: ChildId, outcome: Outcome) {
        let Outcome { exit, reason, how } = outcome;
        if let Some(exit) = exit {
            self.report.exited(exit);
        }
        let Some(slot) = self.slots.get(&id) else {
            return;
        };
        if matches!(slot.state, Readiness::Starting(..)) {
            // Whoever wanted to start it is told, and decides whether that is a failure.
            self.family.never_started(id);
            self.forget(id, reason);
            return;
        }
        let new_failure = how == How::Failed && !slot.failure_told;
        let (asked, name) = (slot.controlled.is_asked(), slot.child.path(&self.actor));
        let jitter = random() as f64 / u64::MAX as f64;
        match self.family.ended(id, how, asked, Instant::now(), jitter) {
            Verdict::Restarts => {
                tracing::warn!(actor = name, %reason, "an actor is restarted");
                self.report.restarted();
                slot.member.set_restarting();
                if new_failure {
                    self.report.failed(reason);
                }
            }
            Verdict::Fails => {
                if !slot.failure_told {
                    self.fail(reason.clone());
                }
                self.forget(id, reason);
            }
            Verdict::Gone => {
                if new_failure {
                    self.report.failed(reason.clone());
                    if self.family.is_ending() {
                        // Nobody waits for a restart any more, and it must not be lost.
                        self.failures.push(reason.clone());
                    }
                }
                self.forget(id, reason);
            }
        }
    }

    /// One cancels all: the body at its next await, the children at once.
    ///
    /// In this order: what a body learns of the cancellation of its siblings is no news to it.
    fn fail(&mut self, error: Error) {
        self.report.failed(error.clone());
        self.failures.push(error);
        self.failing.send_replace(true);
        self.family.end(Rung::Cancel);
    }

    /// A child is gone: its last process is reaped.
    fn forget(&mut self, id: ChildId, reason: Error) {
        let Some(slot) = self.slots.remove(&id) else {
            return;
        };
        slot.controlled.ended(&reason);
        match slot.state {
            Readiness::Starting(started, _) => {
                let _ = started.send(Err(reason));
            }
            Readiness::Reachable(route) => route.end(&reason),
        }
    }

    /// Does what the family has decided.
    fn act(&mut self) {
        for action in self.family.actions() {
            match action {
                Action::Start(id, delay) => self.start(id, delay),
                Action::Replace(id) => {
                    if let Some(slot) = self.slots.get(&id) {
                        slot.member.set_ending();
                        slot.process.replace(self.actor.aid());
                    }
                }
                Action::Stop(id, rung) => {
                    if let Some(slot) = self.slots.get(&id) {
                        slot.member.set_ending();
                        slot.process.bring_down(rung, self.actor.aid());
                    }
                }
                Action::Forget(id) => {
                    self.forget(id, Cancelled::new(self.actor.aid().clone()).into());
                }
            }
        }
    }

    /// Gives a child a process.
    fn start(&mut self, id: ChildId, delay: Duration) {
        let Some(slot) = self.slots.get_mut(&id) else {
            return;
        };
        slot.process = Orderer::new();
        let events = Events::new(id, self.events.clone());
        let hard_kill = slot.child.hard_kill;
        let orders = slot.controlled.orders();
        let owner = Owner {
            orders: Orders::new(&self.actor, hard_kill, orders, &slot.process),
            actor: self.actor.clone(),
            child: slot.child.clone(),
            delay,
            events: events.clone(),
        };
        let path = slot.child.path(&self.actor);
        self.actor.owners().spawn(async move {
            // The supervisor counts on hearing of every child, even if this code is broken; the
            // process is killed as its owner is dropped.
            let outcome = AssertUnwindSafe(owner.run()).catch_unwind().await;
            events.tell(News::Ended(outcome.unwrap_or_else(|_| {
                let broken = SpawnError::new(&path, "its owner panicked: a bug of tractor");
                Outcome::failed(broken.into(), None)
            })));
        });
    }

    /// Tells whom a scope waits for that only waits for actors which never end by themselves. True
    /// once that is told, or will never have to be.
    fn name_daemons(&self) -> bool {
        if self.family.is_ending() || self.slots.is_empty() {
            return true;
        }
        if self.slots.values().any(|slot| !slot.child.is_daemon()) {
            return false;
        }
        let slots = self.family.ids().filter_map(|id| self.slots.get(&id));
        let names = slots.map(|slot| slot.child.path(&self.actor));
        tracing::warn!(
            actors = names.collect::<Vec<_>>().join(", "),
            "a scope waits for actors that end only when they are cancelled"
        );
        true
    }
}

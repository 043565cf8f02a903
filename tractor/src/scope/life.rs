//! A process that is ready for calls, until it is reaped (S1).

use std::future::pending;
use std::time::Duration;

use futures_util::FutureExt;
use nix::libc;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::census::Reached;
use super::child::{Child, RunningJob};
use super::events::{Events, News};
use super::family::How;
use super::orders::Orders;
use super::owner::Outcome;
use crate::base::{
    Actor, ActorDied, Aid, Cancelled, Error, Exit, ExitStatus, LinkLost, Result, Rung, Timeouts,
};
use crate::process::{Ladder, Process, is_terminal_held};
use crate::rpc::registry::Exposed;
use crate::rpc::{FirstPoll, Handlers, Server};
use crate::session::{Driver, Ended, Finish, Limits, Link, Route};
use crate::transport::{Frames, LinkStream};

/// A process that is ready for calls.
pub(super) struct Life {
    link: Link,
    finish: oneshot::Sender<Finish>,
    ended: oneshot::Receiver<Ended>,
    /// What it has called here.
    handlers: Handlers,
    timeouts: Timeouts,
    job: Option<RunningJob>,
}

/// What is known so far of how a life ends.
#[derive(Default)]
struct Course {
    /// Who asked for its end.
    asked_by: Option<Aid>,
    /// Why the link was lost although the process was alive.
    lost: Option<Error>,
    /// How its one function failed.
    failed: Option<Error>,
    /// Its one function has returned.
    finished: bool,
    link_ended: bool,
    acknowledged: bool,
}

/// What happened to a process that is watched.
enum Event {
    /// It was reaped.
    Exited(ExitStatus),
    /// Its link ended.
    LinkEnded(Ended),
    /// Its one function has returned, or failed.
    JobEnded(Result<()>),
    /// Somebody asks for its end, or for a quicker one.
    Asked,
    /// It has read the cancel request.
    Acknowledged,
    /// The time on this rung is over.
    RungOver,
    /// The same, while somebody has the terminal.
    Held,
}

impl Life {
    pub(super) fn begin(
        actor: &Actor,
        frames: Frames<LinkStream>,
        aid: Aid,
        child: &Child,
    ) -> Self {
        let limits = Limits {
            in_flight: child.config.in_flight_limit(),
            frame: child.config.frame_limit(),
            window: child.config.window(),
        };
        let link = Link::new(actor.aid().clone(), aid, limits);
        // What its parent does not serve it is refused (A1).
        let exposed = Exposed::new(&child.served);
        let (server, handlers, _) =
            Server::new(link.clone(), exposed, FirstPoll::Spawned, limits.in_flight);
        let (driver, finish) = Driver::new(frames, link.clone(), server);
        let (end, ended) = oneshot::channel();
        actor.owners().spawn(async move {
            let _ = end.send(driver.run().await);
        });
        Self {
            job: child.job.as_ref().map(|job| job(Route::Only(link.clone()))),
            timeouts: child.config.timeouts(),
            link,
            finish,
            ended,
            handlers,
        }
    }

    /// The process, for those who want something of it.
    pub(super) fn reached(&self) -> Reached {
        Reached {
            link: self.link.clone(),
            handlers: self.handlers.clone(),
        }
    }

    /// Watches over the process until it is reaped, then resolves everything in flight (C1).
    pub(super) async fn watch(
        mut self,
        process: &mut Process,
        orders: &mut Orders,
        events: &Events,
    ) -> Outcome {
        let mut ladder = Ladder::new(self.timeouts);
        let mut course = Course::default();
        let status = loop {
            let order = orders.now();
            if order.rung > Rung::Unasked {
                if order.replaced {
                    self.link.retire();
                }
                let by = order.by.unwrap_or_else(|| orders.me().clone());
                self.step(
                    &mut ladder,
                    order.rung,
                    process,
                    course.asked_by.get_or_insert(by),
                );
            }
            let event = tokio::select! {
                biased;
                status = process.wait() => Event::Exited(status),
                ended = &mut self.ended, if !course.link_ended => {
                    Event::LinkEnded(ended.unwrap_or(Ended::Closed))
                }
                ended = end_of(&mut self.job) => Event::JobEnded(ended),
                () = orders.changed() => Event::Asked,
                () = self.link.actor_ack(),
                    if ladder.rung() == Rung::Cancel && !course.acknowledged =>
                {
                    Event::Acknowledged
                }
                event = rung_over(ladder.until(), self.link.me()) => event,
            };
            match event {
                Event::Exited(status) => break status,
                Event::LinkEnded(ended) => {
                    course.link_ended = true;
                    course.lost = loss(self.link.peer(), ended);
                    // Without a link the actor is out of reach, and its lifeline is cut: it is
                    // dead, dying, or broken. The kill makes it sure, and does not change how a
                    // process ends that is ending already.
                    if ladder.rung() == Rung::Unasked || course.lost.is_some() {
                        process.kill();
                    }
                }
                Event::JobEnded(ended) => {
                    course.job_ended(ended);
                    if let Some(error) = &course.failed {
                        // Told at once: the siblings do not wait until this process is reaped.
                        events.tell(News::Failed(error.clone()));
                    }
                    orders.ask();
                }
                Event::Asked => {}
                Event::Acknowledged => {
                    course.acknowledged = true;
                    ladder.acknowledged(Instant::now());
                }
                Event::RungOver => {
                    let by = course.asked_by.as_ref().unwrap_or(orders.me());
                    let next = ladder.next();
                    self.step(&mut ladder, next, process, by);
                }
                Event::Held => {
                    let actor = self.link.peer();
                    tracing::debug!(%actor, "the ladder waits for whoever has the terminal");
                    ladder.wait_again(Instant::now());
                }
            }
        };
        self.settle(course, &ladder, status).await
    }

    /// Reads what the dead process had still sent, then fails what is left in flight.
    async fn settle(mut self, mut course: Course, ladder: &Ladder, status: ExitStatus) -> Outcome {
        let _ = self.finish.send(Finish::Read);
        if !course.link_ended
            && let Ok(ended) = self.ended.await
        {
            course.lost = loss(self.link.peer(), ended);
        }
        // Nobody waits for what it has called here any more.
        self.handlers.abort_all();
        self.handlers.finished().await;
        let exit = Exit {
            aid: self.link.peer().clone(),
            rung: ladder.rung(),
            status,
            elapsed: ladder
                .began()
                .map_or(Duration::ZERO, |began| began.elapsed()),
        };
        // Invariant C1: by the event itself, not by a timeout.
        let told = course.told(&exit, self.link.is_retired());
        self.link.close(&told);
        if let Some(ended) = end_of(&mut self.job).now_or_never() {
            // The answer may have been the last that it sent.
            course.job_ended(ended);
        }
        let text = exit.to_string();
        let outcome = course.outcome(exit, told);
        match outcome.how {
            How::Asked | How::Finished => tracing::info!(exit = text, "an actor ended"),
            How::Left | How::Failed => {
                tracing::error!(exit = text, reason = %outcome.reason, "an actor failed");
            }
        }
        outcome
    }

    /// Takes a rung of the ladder, if it is not taken yet.
    fn step(&self, ladder: &mut Ladder, rung: Rung, process: &Process, by: &Aid) {
        if !ladder.step(rung, Instant::now()) {
            return;
        }
        let actor = self.link.peer();
        tracing::debug!(%actor, %rung, "the ladder goes on");
        match rung {
            Rung::Cancel => self.link.cancel_actor(by),
            Rung::Terminate => {
                tracing::warn!(%actor, "did not follow the cancel request in time: SIGTERM");
                process.terminate();
            }
            Rung::Kill => process.kill(),
            Rung::Unasked => {}
        }
    }
}

impl Course {
    fn job_ended(&mut self, ended: Result<()>) {
        match ended {
            Ok(()) => self.finished = true,
            // Gone with its actor, which its exit tells better.
            Err(Error::ActorDied(_) | Error::LinkLost(_)) => {}
            Err(error) if self.asked_by.is_some() && error.is_cancellation() => {}
            Err(error) => self.failed = Some(error),
        }
    }

    /// What those are told who still want something of the process.
    fn told(&self, exit: &Exit, replaced: bool) -> Error {
        match (&self.lost, &self.asked_by) {
            (Some(lost), _) => lost.clone(),
            (None, Some(by)) if !replaced => Cancelled::new(by.clone()).into(),
            _ => ActorDied::new(exit.clone()).into(),
        }
    }

    fn outcome(self, exit: Exit, told: Error) -> Outcome {
        let (how, reason) = match self {
            Self {
                failed: Some(failed),
                ..
            } => (How::Failed, failed),
            Self {
                finished: false,
                lost: Some(lost),
                ..
            } => (How::Failed, lost),
            // Even if it was asked to end: it was not asked to crash.
            _ if !is_orderly(&exit) => (How::Failed, ActorDied::new(exit.clone()).into()),
            Self { finished: true, .. } => (How::Finished, told),
            Self {
                asked_by: Some(_), ..
            } => (How::Asked, told),
            _ => (How::Left, told),
        };
        Outcome {
            exit: Some(exit),
            reason,
            how,
        }
    }
}

/// True when the process ended as one does that has nothing more to do, or as it was made to.
fn is_orderly(exit: &Exit) -> bool {
    match exit.status() {
        ExitStatus::Code(code) => code == 0,
        // Whoever signals a whole process group asks for the same as its parent.
        ExitStatus::Signal(libc::SIGTERM) => exit.rung() >= Rung::Cancel,
        ExitStatus::Signal(libc::SIGKILL) => exit.rung() >= Rung::Kill,
        ExitStatus::Signal(_) => false,
        ExitStatus::Unknown => exit.rung() >= Rung::Cancel,
    }
}

/// Why a link is lost although the process may live; `None` when the peer just hung up.
fn loss(peer: &Aid, ended: Ended) -> Option<Error> {
    let reason = match ended {
        Ended::Closed | Ended::Finished => return None,
        Ended::Io(error) => error.to_string(),
        Ended::Violation(violation) => violation.to_string(),
    };
    tracing::error!(actor = %peer, reason, "a link is lost");
    Some(LinkLost::new(peer.clone(), reason).into())
}

/// Resolves when the time on a rung is over.
async fn rung_over(deadline: Option<Instant>, me: &Aid) -> Event {
    let Some(deadline) = deadline else {
        return pending().await;
    };
    sleep_until(deadline).await;
    // Who has stopped in debug mode cannot answer, and those before it in the line have time.
    match is_terminal_held(me).await {
        true => Event::Held,
        false => Event::RungOver,
    }
}

/// The end of the one call of a one-shot.
async fn end_of(job: &mut Option<RunningJob>) -> Result<()> {
    let Some(running) = job else {
        return pending().await;
    };
    let ended = running.await;
    *job = None;
    ended
}

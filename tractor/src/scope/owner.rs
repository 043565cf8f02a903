//! The owner of one child: from its start until it is reaped.

use std::future::pending;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::base::{
    Actor, ActorDied, Aid, Cancelled, Config, Controlled, Error, Exit, ExitStatus, LinkLost, Order,
    Result, Rung, SpawnError, Teardown,
};
use crate::process::{Ladder, Launch, Process};
use crate::rpc::registry::Exposed;
use crate::rpc::{FirstPoll, Server};
use crate::session::{Driver, Ended, Finish, Limits, Link};
use crate::transport::Frames;
use crate::wire::{Hello, Kind};

/// How long a child may take to start before that is worth a line in the log.
const SLOW_START: Duration = Duration::from_secs(5);

/// Owns one child process. It runs in a task of its own, which nothing aborts (S3).
pub(super) struct Owner {
    pub(super) actor: Actor,
    pub(super) launch: Launch,
    pub(super) hard_kill: bool,
    pub(super) controlled: Controlled,
    pub(super) started: oneshot::Sender<Result<Link>>,
}

/// What became of a child.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How its process ended, if there ever was one that was ready.
    pub(super) exit: Option<Exit>,
    /// Why that is a failure of the scope: it ended without being asked to.
    pub(super) failure: Option<Error>,
}

impl Owner {
    /// Starts the child, watches over it, brings it down when asked to, and reaps it (S1).
    pub(super) async fn run(self) -> Outcome {
        let never = Outcome {
            exit: None,
            failure: None,
        };
        let path = self.launch.spec.path.clone();
        let config = self.launch.spec.config.clone();
        let mut watched = Watched {
            teardown: self.actor.owners().teardown(),
            controlled: self.controlled,
            hard_kill: self.hard_kill,
            me: self.actor.aid().clone(),
        };
        let (mut process, stream) = match self.launch.start().await {
            Ok(started) => started,
            Err(error) => {
                let _ = self.started.send(Err(error));
                return never;
            }
        };
        tracing::debug!(actor = path, pid = process.pid(), "spawned");
        let mut frames = Frames::new(stream, config.frame_limit());
        let greeted = tokio::select! {
            biased;
            order = watched.asked() => Err(Cancelled::new(order).into()),
            greeted = greet(&mut frames, &path) => greeted,
        };
        let aid = match greeted {
            Ok(aid) => aid,
            Err(error) => {
                let status = process.kill_and_reap().await;
                let _ = self.started.send(Err(explain_start(&path, error, status)));
                return never;
            }
        };
        let life = Life::begin(&self.actor, frames, aid, &config);
        let _ = self.started.send(Ok(life.link.clone()));
        let ended = life.watch(&mut process, &mut watched, &config).await;
        watched.controlled.exited(&ended.exit);
        Outcome {
            exit: Some(ended.exit),
            failure: ended.failure,
        }
    }
}

/// Waits for the child to say that it is ready.
async fn greet(frames: &mut Frames<UnixStream>, path: &str) -> Result<Aid, Error> {
    let hello = async {
        match frames.receive(Kind::Hello).await {
            Ok(Ok(Some(Hello::Ready(aid)))) => Ok(aid),
            Ok(Ok(Some(Hello::Failed(reason)))) => Err(SpawnError::new(path, reason).into()),
            Ok(Ok(None)) => Err(SpawnError::new(path, "").into()),
            Ok(Err(violation)) => Err(SpawnError::new(path, violation.to_string()).into()),
            Err(error) => Err(SpawnError::new(path, error.to_string()).into()),
        }
    };
    let slow = async {
        sleep(SLOW_START).await;
        tracing::warn!(
            actor = path,
            "still waiting for the child to enter the tractor runtime; what runs in `main` before \
             that, runs in every child"
        );
        pending().await
    };
    tokio::select! {
        greeted = hello => greeted,
        never = slow => never,
    }
}

/// A child that hung up without a word is told of by how it ended.
fn explain_start(path: &str, error: Error, status: ExitStatus) -> Error {
    match error {
        Error::Spawn(silent) if silent.reason().is_empty() => {
            let reason = format!(
                "its process {status} before it was ready; `main` has to enter the tractor \
                 runtime (#[tractor::main] or tractor::run) before anything else"
            );
            SpawnError::new(path, reason).into()
        }
        other => other,
    }
}

/// Everything that can ask for the child's end.
struct Watched {
    teardown: watch::Receiver<Teardown>,
    controlled: Controlled,
    hard_kill: bool,
    me: Aid,
}

impl Watched {
    /// The rung that is asked for now, and by whom.
    fn order(&mut self) -> Order {
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
    async fn changed(&mut self) {
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
    async fn asked(&mut self) -> Aid {
        loop {
            let order = self.order();
            if order.rung > Rung::Unasked {
                return order.by.unwrap_or_else(|| self.me.clone());
            }
            self.changed().await;
        }
    }
}

/// A child that is ready for calls.
struct Life {
    link: Link,
    finish: oneshot::Sender<Finish>,
    ended: oneshot::Receiver<Ended>,
}

/// How that life ended.
struct Death {
    exit: Exit,
    failure: Option<Error>,
}

/// What happened to a child that is watched.
enum Event {
    /// It was reaped.
    Exited(ExitStatus),
    /// Its link ended.
    LinkEnded(Ended),
    /// Somebody asks for its end, or for a quicker one.
    Asked,
    /// It has read the cancel request.
    Acknowledged,
    /// The time on this rung is over.
    RungOver,
}

impl Life {
    fn begin(actor: &Actor, frames: Frames<UnixStream>, aid: Aid, config: &Config) -> Self {
        let limits = Limits {
            in_flight: config.in_flight_limit(),
            frame: config.frame_limit(),
        };
        let link = Link::new(actor.aid().clone(), aid, limits);
        // A parent exposes nothing to its children; what they call is refused (A1).
        let exposed = Exposed::new(&[]);
        let (server, ..) = Server::new(link.clone(), exposed, FirstPoll::Spawned, limits.in_flight);
        let (driver, finish) = Driver::new(frames, link.clone(), server);
        let (end, ended) = oneshot::channel();
        actor.owners().spawn(async move {
            let _ = end.send(driver.run().await);
        });
        Self {
            link,
            finish,
            ended,
        }
    }

    /// Watches over the child until it is reaped, then resolves everything in flight (C1).
    async fn watch(
        mut self,
        process: &mut Process,
        watched: &mut Watched,
        config: &Config,
    ) -> Death {
        let mut ladder = Ladder::new(config.timeouts());
        let mut asked_by = None;
        let mut lost = None;
        let mut link_ended = false;
        let mut acknowledged = false;
        let status = loop {
            let order = watched.order();
            if order.rung > Rung::Unasked {
                asked_by.get_or_insert_with(|| order.by.unwrap_or_else(|| watched.me.clone()));
                self.step(&mut ladder, order.rung, process, asked_by.as_ref());
            }
            let event = tokio::select! {
                biased;
                status = process.wait() => Event::Exited(status),
                ended = &mut self.ended, if !link_ended => {
                    Event::LinkEnded(ended.unwrap_or(Ended::Closed))
                }
                () = watched.changed() => Event::Asked,
                () = self.link.actor_ack(), if ladder.rung() == Rung::Cancel && !acknowledged => {
                    Event::Acknowledged
                }
                () = until(ladder.until()) => Event::RungOver,
            };
            match event {
                Event::Exited(status) => break status,
                Event::LinkEnded(ended) => {
                    link_ended = true;
                    lost = self.loss(ended);
                    // Without a link the actor is out of reach, and its lifeline is cut: it is
                    // dead, dying, or broken. The kill makes it sure, and does not change how a
                    // process ends that is ending already.
                    if ladder.rung() == Rung::Unasked || lost.is_some() {
                        process.kill();
                    }
                }
                Event::Asked => {}
                Event::Acknowledged => {
                    acknowledged = true;
                    ladder.acknowledged(Instant::now());
                }
                Event::RungOver => {
                    let next = ladder.next();
                    self.step(&mut ladder, next, process, asked_by.as_ref());
                }
            }
        };
        self.settle(link_ended, lost, asked_by, &ladder, status)
            .await
    }

    /// Reads what the dead child had still sent, then fails what is left in flight.
    async fn settle(
        self,
        link_ended: bool,
        mut lost: Option<Error>,
        asked_by: Option<Aid>,
        ladder: &Ladder,
        status: ExitStatus,
    ) -> Death {
        let _ = self.finish.send(Finish::Read);
        if !link_ended && let Ok(ended) = self.ended.await {
            lost = loss(self.link.peer(), ended);
        }
        let exit = Exit {
            aid: self.link.peer().clone(),
            rung: ladder.rung(),
            status,
            elapsed: ladder
                .began()
                .map_or(Duration::ZERO, |began| began.elapsed()),
        };
        let died = Error::from(ActorDied::new(exit.clone()));
        let (reason, failure) = match (lost, asked_by) {
            (Some(lost), _) => (lost.clone(), Some(lost)),
            (None, Some(by)) => (Cancelled::new(by).into(), None),
            (None, None) => (died.clone(), Some(died)),
        };
        match &failure {
            Some(_) => tracing::error!(%exit, "an actor died"),
            None => tracing::info!(%exit, elapsed = ?exit.elapsed, "an actor ended"),
        }
        // Invariant C1: by the event itself, not by a timeout.
        self.link.close(&reason);
        Death { exit, failure }
    }

    /// Takes a rung of the ladder, if it is not taken yet.
    fn step(&self, ladder: &mut Ladder, rung: Rung, process: &Process, by: Option<&Aid>) {
        if !ladder.step(rung, Instant::now()) {
            return;
        }
        let actor = self.link.peer();
        tracing::debug!(%actor, %rung, "the ladder goes on");
        match rung {
            Rung::Cancel => self.link.cancel_actor(by.unwrap_or(self.link.me())),
            Rung::Terminate => {
                tracing::warn!(%actor, "did not follow the cancel request in time: SIGTERM");
                process.terminate();
            }
            Rung::Kill => process.kill(),
            Rung::Unasked => {}
        }
    }

    fn loss(&self, ended: Ended) -> Option<Error> {
        loss(self.link.peer(), ended)
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

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

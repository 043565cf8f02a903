//! A child that is ready for calls, until it is reaped.

use std::future::pending;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::orders::Orders;
use crate::base::{
    Actor, ActorDied, Aid, Cancelled, Config, Error, Exit, ExitStatus, LinkLost, Rung,
};
use crate::process::{Ladder, Process};
use crate::rpc::registry::Exposed;
use crate::rpc::{FirstPoll, Server};
use crate::session::{Driver, Ended, Finish, Limits, Link};
use crate::transport::Frames;

/// A child that is ready for calls.
pub(super) struct Life {
    link: Link,
    finish: oneshot::Sender<Finish>,
    ended: oneshot::Receiver<Ended>,
}

/// What became of a child.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// How its process ended, if it ever was ready.
    pub(super) exit: Option<Exit>,
    /// Why that is a failure of the scope: it ended without being asked to.
    pub(super) failure: Option<Error>,
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
    pub(super) fn begin(
        actor: &Actor,
        frames: Frames<UnixStream>,
        aid: Aid,
        config: &Config,
    ) -> Self {
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

    /// The link to the child.
    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Watches over the child until it is reaped, then resolves everything in flight (C1).
    pub(super) async fn watch(
        mut self,
        process: &mut Process,
        orders: &mut Orders,
        config: &Config,
    ) -> Outcome {
        let mut ladder = Ladder::new(config.timeouts());
        let mut asked_by = None;
        let mut lost = None;
        let mut link_ended = false;
        let mut acknowledged = false;
        let status = loop {
            let order = orders.now();
            if order.rung > Rung::Unasked {
                asked_by.get_or_insert_with(|| order.by.unwrap_or_else(|| orders.me().clone()));
                self.step(&mut ladder, order.rung, process, asked_by.as_ref());
            }
            let event = tokio::select! {
                biased;
                status = process.wait() => Event::Exited(status),
                ended = &mut self.ended, if !link_ended => {
                    Event::LinkEnded(ended.unwrap_or(Ended::Closed))
                }
                () = orders.changed() => Event::Asked,
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
    ) -> Outcome {
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
        Outcome {
            exit: Some(exit),
            failure,
        }
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

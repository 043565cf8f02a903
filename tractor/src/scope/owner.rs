//! The owner of one process: from its start until it is reaped.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::child::Child;
use super::events::{Events, News};
use super::family::How;
use super::greeting::{explain_start, greet};
use super::life::Life;
use super::orders::Orders;
use crate::base::{Actor, Aid, Cancelled, Error, Exit, ExitStatus, Rung};
use crate::process::{Launched, Process};
use crate::transport::{Frames, LinkStream, Side};

/// Owns one process of a child. It runs in a task of its own, which nothing aborts (S3).
pub(super) struct Owner {
    pub(super) actor: Actor,
    pub(super) child: Arc<Child>,
    /// How long to wait before the start.
    pub(super) delay: Duration,
    pub(super) orders: Orders,
    pub(super) events: Events,
}

/// What became of one process of a child.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How the process ended, if there ever was one.
    pub(super) exit: Option<Exit>,
    /// What those are told who still want something of it.
    pub(super) reason: Error,
    pub(super) how: How,
}

/// Why a process never was ready.
enum NotReady {
    /// Nobody wants it any more.
    Unwanted(Aid),
    Failed(Error),
}

impl Outcome {
    /// Nobody wants it any more, before it was ready.
    fn unwanted(by: Aid, exit: Option<Exit>) -> Self {
        Self {
            exit,
            reason: Cancelled::new(by).into(),
            how: How::Asked,
        }
    }

    /// It could not be started.
    pub(super) fn failed(reason: Error, exit: Option<Exit>) -> Self {
        Self {
            exit,
            reason,
            how: How::Failed,
        }
    }
}

impl Owner {
    /// Starts the process, watches over it, brings it down when asked to, and reaps it (S1).
    pub(super) async fn run(mut self) -> Outcome {
        if !self.delay.is_zero() {
            tokio::select! {
                biased;
                by = self.orders.asked() => return Outcome::unwanted(by, None),
                () = sleep(self.delay) => {}
            }
        }
        let launch = tokio::select! {
            biased;
            by = self.orders.asked() => return Outcome::unwanted(by, None),
            launch = self.child.launch(&self.actor) => launch,
        };
        let unique = launch.spec.unique;
        match launch.start().await {
            Ok(launched) => self.own(launched, unique).await,
            Err(error) => Outcome::failed(error, None),
        }
    }

    async fn own(mut self, launched: Launched, unique: u64) -> Outcome {
        let path = self.child.path(&self.actor);
        let Launched {
            mut process,
            link,
            unsent,
            memory,
        } = launched;
        let pid = process.pid();
        tracing::debug!(actor = path, pid, "spawned");
        let mut frames = Frames::new(link, self.child.config.frame_limit());
        let greeted = tokio::select! {
            biased;
            by = self.orders.asked() => Err(NotReady::Unwanted(by)),
            greeted = greet(&mut frames, &unsent, &mut process, &path) => {
                greeted.map_err(NotReady::Failed)
            }
        };
        match greeted {
            Ok(aid) => {
                let frames = frames.over(|link| LinkStream::new(link, memory, Side::Parent));
                let life = Life::begin(&self.actor, frames, aid, &self.child);
                self.events.tell(News::Started(life.reached()));
                life.watch(&mut process, &mut self.orders, &self.events)
                    .await
            }
            Err(why) => {
                let aid = Aid::of_process(&path, pid.unwrap_or_default(), unique);
                give_up(process, aid, why).await
            }
        }
    }
}

/// Kills and reaps a process that never was ready.
async fn give_up(process: Process, aid: Aid, why: NotReady) -> Outcome {
    let began = Instant::now();
    let status = process.kill_and_reap().await;
    let exit = |rung: Rung, status: ExitStatus| Exit {
        aid: aid.clone(),
        rung,
        status,
        elapsed: began.elapsed(),
    };
    match why {
        NotReady::Unwanted(by) => {
            let exit = exit(Rung::Kill, status);
            tracing::info!(%exit, "an actor was not wanted any more before it was ready");
            Outcome::unwanted(by, Some(exit))
        }
        NotReady::Failed(error) => {
            let error = explain_start(aid.path(), error, status);
            Outcome::failed(error, Some(exit(Rung::Unasked, status)))
        }
    }
}

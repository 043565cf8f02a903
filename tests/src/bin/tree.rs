//! A tree of actors that are all up to the same thing, until somebody kills the root.
//!
//! `tree LEVELS WIDTH WHAT`. Each actor prints `up PID` when it is about to begin.

#![forbid(unsafe_code)]

use std::future::pending;
use std::pin::pin;

use futures_util::future::join_all;
use nix::sys::signal::{Signal, raise};
use nix::unistd::getppid;
use serde::{Deserialize, Serialize};
use tests::actor::begin;
use tests::workers::{add, block};
use tractor::{Portal, Result};

/// What the actors are up to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum What {
    /// Nothing.
    Idle,
    /// Calls without end.
    Calls,
    /// Blocking their executors.
    Spin,
    /// Stopped by a signal.
    Stop,
    /// Blocked in plain functions.
    Block,
    /// Starting clusters and ending them.
    Churn,
}

impl What {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "idle" => Self::Idle,
            "calls" => Self::Calls,
            "spin" => Self::Spin,
            "stop" => Self::Stop,
            "block" => Self::Block,
            "churn" => Self::Churn,
            _ => return None,
        })
    }
}

/// Grows `levels` levels more below this actor.
#[tractor::rpc]
async fn branch(levels: u32, width: usize, what: What) -> Result<()> {
    if levels == 0 {
        behave(what, &[]).await;
    }
    tractor::cluster! { modules: [self, tests::workers], count: width }
        .scope(async |workers| {
            let mut calls = pin!(workers.run_all(branch(levels - 1, width, what)));
            begin(&mut calls).await;
            let portals: Vec<_> = workers.portals().map(Portal::dynamic).collect();
            let behave = async {
                // The calls have woken the drivers of their links, which write them before this
                // goes on, and so before this executor is blocked.
                tokio::task::yield_now().await;
                behave(what, &portals).await;
            };
            tokio::join!(calls, behave);
            Ok(())
        })
        .await
}

/// Goes on for ever.
async fn behave(what: What, below: &[Portal]) {
    println!("up {}", std::process::id());
    match what {
        What::Idle => pending().await,
        What::Calls => loop {
            join_all(below.iter().map(|portal| portal.run(add(1, 2)))).await;
            tokio::task::yield_now().await;
        },
        #[expect(clippy::empty_loop, reason = "that is what is tested")]
        What::Spin => loop {},
        What::Stop => {
            let parent = getppid();
            // The SIGCONT that tells of the parent's death is also sent when the thread ends that
            // has started this process, which may be late on a busy machine.
            while getppid() == parent {
                raise(Signal::SIGSTOP).expect("a process can stop itself");
            }
            pending::<()>().await;
        }
        What::Block => block().await,
        What::Churn => loop {
            let cluster = tractor::cluster! { modules: [tests::workers], count: 2 };
            let added = cluster.scope(async |workers| workers["worker_0"].run(add(1, 2)).await);
            assert_eq!(added.await.ok(), Some(3));
        },
    }
}

#[tractor::main]
async fn main() -> Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [levels, width, what] = args.as_slice() else {
        panic!("usage: tree LEVELS WIDTH WHAT");
    };
    let levels = levels.parse().expect("a number of levels");
    let width = width.parse().expect("a number of children");
    let what = What::parse(what).expect("something to do");
    // The root itself stays able to run the tree, unless that is what it is to do.
    match what {
        What::Churn => behave(what, &[]).await,
        _ => branch(levels, width, what).await?,
    }
    Ok(())
}

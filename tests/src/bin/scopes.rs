//! Scopes of a root, one scene a run: `scopes linger`, `scopes select`, `scopes flaky MAX_RESTARTS`,
//! `scopes queue`.

#![forbid(unsafe_code)]

use std::fs;
use std::future::pending;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::HOUR;
use tests::workers::{die, nap, pid};
use tractor::{Config, Restart, Result, modules};

/// Says how many actors of a scene crash before they are one.
const CRASHES: &str = "crashes";

/// A scope whose body has ended, and whose daemon has not.
async fn linger() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            an.start_actor("frank", modules![tests::workers]).await?;
            drop(an.run_in_actor(pid).await?);
            println!("up");
            Ok(())
        })
        .await
}

/// A root that ends at once when its nursery is dropped.
async fn select() -> Result<()> {
    let (up, mut is_up) = tokio::sync::oneshot::channel::<()>();
    let mut up = Some(up);
    tokio::select! {
        ended = tractor::nursery().scope(async |an| -> Result<()> {
            for name in ["a", "b", "c"] {
                let portal = an.start_actor(name, modules![tests::workers]).await?;
                drop(an.run_in_actor(nap).await?);
                portal.run(pid).await?;
            }
            drop(up.take());
            pending().await
        }) => ended,
        _ = &mut is_up => Ok(()),
    }
}

/// An actor that crashes twice while it is restarted.
async fn flaky(max_restarts: usize) -> Result<()> {
    tractor::nursery()
        .restart(Restart::OneForOne)
        .max_restarts(max_restarts)
        .restart_window(HOUR)
        .restart_backoff(Duration::ZERO..=Duration::from_millis(1))
        .scope(async |an| {
            let portal = an.start_actor("worker", modules![tests::workers]).await?;
            fs::write(CRASHES, "2").expect("the directory is the test's");
            // It is not restarted before its crash is known.
            drop(portal.run(die(Signal::SIGKILL as i32)).await);
            portal.run(pid).await?;
            println!("restarts {}", an.report().restarts());
            an.cancel().await;
            Ok(())
        })
        .await
}

/// An actor dies while another one is being started, and a third waits for its turn.
async fn queue() -> Result<()> {
    tractor::nursery()
        .restart(Restart::RestForOne)
        .max_restarts(0)
        .scope(async |an| {
            let victim = an.start_actor("victim", modules![tests::workers]).await?;
            let slow = an.actor("slow").env(HANGS, "1").start();
            let waiting = an.actor("waiting").start();
            tokio::try_join!(slow, waiting, async {
                // Its end is the supervisor's to tell, not that of this call.
                drop(victim.run(die(Signal::SIGKILL as i32)).await);
                Ok(())
            })?;
            Ok(())
        })
        .await
}

/// Set in an actor that never becomes ready.
const HANGS: &str = "HANGS";

/// Never enters tractor where it is told not to.
fn hang() {
    while std::env::var_os(HANGS).is_some() {
        std::thread::park();
    }
}

/// Crashes before tractor is entered, as often as is still to be done.
fn crash() {
    let is_child = std::env::args().any(|arg| arg.contains("tractor-child["));
    let crashes = fs::read_to_string(CRASHES).ok();
    let left: Option<u32> = crashes.and_then(|crashes| crashes.parse().ok());
    if let Some(left) = left.filter(|&left| is_child && left > 0) {
        fs::write(CRASHES, (left - 1).to_string()).expect("the directory is the test's");
        std::process::abort();
    }
}

fn main() -> Result<()> {
    crash();
    hang();
    tractor::run(Config::new(), async || {
        let args: Vec<_> = std::env::args().skip(1).collect();
        match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["linger"] => linger().await,
            ["select"] => select().await,
            ["flaky", max] => flaky(max.parse().expect("a number")).await,
            ["queue"] => queue().await,
            _ => panic!("usage: scopes linger | select | flaky MAX_RESTARTS | queue"),
        }
    })
}

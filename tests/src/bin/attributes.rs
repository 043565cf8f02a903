//! A root whose actors have attributes: `attributes output PATH` or `attributes group WHAT`.
//!
//! What becomes of a process group is up to who kills the root: it prints the pids first.

#![forbid(unsafe_code)]

use std::fs::File;
use std::future::pending;
use std::path::Path;
use std::pin::pin;

use nix::unistd::getppid;
use tests::actor::{begin, patient};
use tractor::{Result, Stdio};

#[tractor::rpc]
async fn say(text: String) {
    println!("{text}");
}

/// What the leader of a group is up to while its root is killed.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
enum What {
    /// Nothing.
    Idle,
    /// Blocking its executor.
    Blocked,
    /// Ending as it was asked to, but not before the root is dead.
    Ending,
}

/// Ends only when the actor that has started this one is dead.
struct Outlives;

impl Drop for Outlives {
    fn drop(&mut self) {
        let parent = getppid();
        println!("ending");
        while getppid() == parent {
            std::thread::yield_now();
        }
    }
}

/// Starts a program, tells its pid and that of this process, and stays.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what users do in handlers")]
async fn lead(what: What) {
    let program = std::process::Command::new("sleep").arg("1000").spawn();
    let program = program.expect("there is `sleep`").id();
    println!("pid {program}\npid {}", std::process::id());
    match what {
        What::Idle => pending().await,
        What::Blocked => loop {
            std::thread::park();
        },
        What::Ending => {
            let _outlives = Outlives;
            pending::<()>().await;
        }
    }
}

async fn output(path: &Path) -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let file = File::create(path).expect("the directory is there");
            let filed = an.actor("filed").stdout(file).run(say("filed".into()));
            filed.await?.result().await?;
            let null = an.actor("null").stdout(Stdio::null());
            null.run(say("lost".into())).await?.result().await?;
            let inherited = an.run_in_actor(say("inherited".into())).await?;
            inherited.result().await
        })
        .await
}

async fn group(what: What) -> Result<()> {
    tractor::nursery()
        .config(patient())
        .scope(async |an| {
            let leader = an.actor("leader").process_group();
            let leader = leader.modules(tractor::modules![self]).start().await?;
            let mut leading = pin!(leader.run(lead(what)));
            begin(&mut leading).await;
            if what == What::Ending {
                // The link is read in order: who answers this has begun the other.
                leader.run(say("begun".into())).await?;
                leader.cancel_actor().await?;
            }
            leading.await
        })
        .await
}

#[tractor::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (which, what) = (args.next(), args.next());
    match (which.as_deref(), what.as_deref()) {
        (Some("output"), Some(path)) => output(Path::new(path)).await,
        (Some("group"), Some("idle")) => group(What::Idle).await,
        (Some("group"), Some("blocked")) => group(What::Blocked).await,
        (Some("group"), Some("ending")) => group(What::Ending).await,
        other => panic!("unknown: {other:?}"),
    }
}

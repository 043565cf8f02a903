//! The caller's side of a run: calls, what becomes of them, and the errors that they end with.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::timeout;
use tractor::{Aid, Error, Exposes, OneShot, Portal, RemoteError, Result, Rpc, Run, current_actor};

use super::deeds::{Fault, act};
use super::log::{fresh_id, write};
use super::plan::Deed;

/// How long a handler works that is to show whether others have been cancelled before it.
const PROBE: u64 = 15;

/// What is expected of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It comes to an end by itself.
    Owed,
    /// It ends when a scope does, however long that goes on to restart actors.
    Grows,
    /// It may last until somebody ends it.
    Endless,
    /// It is owed, takes a moment, and comes after calls that were dropped.
    Probe,
    /// It is owed, and the one call of a one-shot, which is made again after each restart.
    OneShot,
}

impl Kind {
    /// The word for it in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Grows => "grows",
            Self::Endless => "endless",
            Self::Probe => "probe",
            Self::OneShot => "one-shot",
        }
    }
}

/// A call that is about to be made: it resolves, or is dropped before.
#[derive(Debug)]
pub struct Made {
    id: u64,
    resolved: bool,
}

impl Made {
    /// The call `id` to the actor `name` below this one.
    pub fn new(id: u64, name: &str, kind: Kind, retries: usize) -> Self {
        let me = current_actor();
        let callee = format!("{}.{name}", me.aid().path());
        write("call", &[&id, &callee, &kind.word(), &retries]);
        Self {
            id,
            resolved: false,
        }
    }

    /// The call.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// It has come to an end with `result`.
    pub fn resolved<T>(self, result: &Result<T>) {
        let outcome = match result {
            Ok(_) => "ok",
            Err(error) => {
                tell(self.id, error);
                kind_of(error)
            }
        };
        self.ended(outcome);
    }

    /// It has come to an end, of which all else is told.
    pub fn ended(mut self, outcome: &str) {
        self.resolved = true;
        write("resolved", &[&self.id, &outcome]);
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if !self.resolved {
            write("dropped", &[&self.id]);
        }
    }
}

/// Makes a call.
///
/// # Errors
///
/// What the call fails with.
pub async fn made<F: Rpc>(made: Made, run: Run<F>) -> Result<F::Output> {
    told(made, run).await
}

/// Makes a call of whatever form.
///
/// # Errors
///
/// What it fails with.
pub async fn told<T>(made: Made, call: impl Future<Output = Result<T>>) -> Result<T> {
    let result = call.await;
    made.resolved(&result);
    result
}

/// Waits for the one call of a one-shot.
///
/// # Errors
///
/// What the call fails with.
pub async fn finished<F: Rpc>(made: Made, one_shot: OneShot<F>) -> Result<F::Output> {
    let result = one_shot.result().await;
    made.resolved(&result);
    result
}

/// Has a deed done, and whatever belongs to it.
///
/// # Errors
///
/// What one of the calls fails with.
pub async fn deed<A, I>(portal: Portal<A>, name: String, deed: Deed, kind: Kind) -> Result<()>
where
    A: Exposes<act, I>,
{
    match deed {
        Deed::Dropped(millis) => {
            let id = fresh_id();
            let nap = portal.run(act(id, deed, String::new()));
            let nap = made(Made::new(id, &name, Kind::Endless, 0), nap);
            if let Ok(early) = timeout(Duration::from_millis(millis), nap).await {
                return early.map(drop);
            }
            probe(&portal, &name).await
        }
        Deed::Floods(kib) => {
            let load = "x".repeat(kib << 10);
            let calls = (0..8).map(|_| one(&portal, &name, deed, kind, &load));
            futures_util::future::try_join_all(calls).await.map(drop)
        }
        _ => one(&portal, &name, deed, kind, "").await,
    }
}

/// A call by whose end those are cancelled that were dropped before it was made.
///
/// # Errors
///
/// What it fails with.
pub async fn probe<A, I>(portal: &Portal<A>, name: &str) -> Result<()>
where
    A: Exposes<act, I>,
{
    one(portal, name, Deed::Returns(PROBE), Kind::Probe, "").await
}

async fn one<A, I>(portal: &Portal<A>, name: &str, deed: Deed, kind: Kind, load: &str) -> Result<()>
where
    A: Exposes<act, I>,
{
    let id = fresh_id();
    // What returns can be asked for again.
    let retries = usize::from(matches!(deed, Deed::Returns(_)) && kind == Kind::Owed);
    let run = portal.run(act(id, deed, load.to_owned())).retry(retries);
    let back = made(Made::new(id, name, kind, retries), run).await?;
    if back != load {
        write("garbled", &[&id]);
    }
    Ok(())
}

/// Logs where errors came from and which way (E1); `whose` is the call or the scope that had them.
pub fn tell(whose: u64, error: &Error) {
    match error {
        Error::Remote(remote) => tell_remote(whose, remote),
        Error::Group(group) => group.errors().iter().for_each(|error| tell(whose, error)),
        _ => {}
    }
}

fn tell_remote(whose: u64, remote: &RemoteError) {
    let way: Vec<_> = remote.relay_path().iter().map(Aid::path).collect();
    let chain: Vec<_> = remote.chain().collect();
    let value = remote.clone().downcast::<Fault>();
    let value = value.map_or_else(|_| "none".to_owned(), |fault| fault.id.to_string());
    let words: [&dyn Display; 8] = [
        &whose,
        &remote.origin().path(),
        &remote.origin().pid(),
        &way.join(" "),
        &remote.type_name(),
        &remote.message(),
        &chain.join("; "),
        &value,
    ];
    write("error", &words);
}

/// The word for an error in the log.
pub fn kind_of(error: &Error) -> &'static str {
    match error {
        Error::Remote(_) => "remote",
        Error::Cancelled(_) => "cancelled",
        Error::ActorDied(_) => "died",
        Error::LinkLost(_) => "lost",
        Error::Spawn(_) => "spawn",
        Error::Config(_) => "config",
        Error::Group(_) => "group",
        Error::Codec(_) => "codec",
        Error::StreamClosed(_) => "closed",
        Error::Deadlock(_) => "deadlock",
        _ => "other",
    }
}

//! What the tree does, asked of every actor at once.

use std::cmp::Reverse;
use std::fmt;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use super::census::{Member, Now, Reached, children};
use super::introspect;
use crate::base::{
    Actor, ActorSnapshot, ActorState, ConfigError, Error, MAX_DEPTH, Result, try_current_actor,
};
use crate::process;
use crate::rpc::{Handlers, Run, is_users, parent_link};
use crate::session::{Link, Route, Traffic};

/// How long the actors have to answer, unless it is said otherwise.
const PATIENCE: Duration = Duration::from_secs(1);

/// A look at the tree; made by [`snapshot`].
#[must_use = "nobody is asked until this is awaited"]
pub struct Snapshot {
    within: Duration,
}

/// Shows what every actor of the tree does now: its state, the calls that it works on and that it waits
/// for, its streams, and what the kernel says of its process.
///
/// It can be taken in any actor, and is always of the whole tree, from the root down. Every actor is
/// asked over the links that are there; nothing listens, and nothing is collected while nobody asks,
/// but for the time at which a call was made. An actor that does not answer within
/// [`timeout`](Snapshot::timeout) is [`Unresponsive`](ActorState::Unresponsive), and what the kernel knows
/// of it and of the processes below it is shown instead; others are shown all the same.
///
/// Why does it hang? Print it:
///
/// ```
/// use std::time::Duration;
///
/// #[tractor::rpc]
/// async fn think() {
///     tokio::time::sleep(Duration::from_secs(3600)).await;
/// }
///
/// #[tractor::main]
/// async fn main() -> tractor::Result<()> {
///     tractor::cluster! { modules: [self], names: ["deep"] }
///         .scope(async |workers| {
///             let deep = workers.get("deep").expect("it is there");
///             let thought = tokio::time::timeout(Duration::from_millis(100), async {
///                 tokio::join!(deep.run(think), async {
///                     tokio::time::sleep(Duration::from_millis(20)).await;
///                     println!("{}", tractor::snapshot().await?);
///                     Ok::<_, tractor::Error>(())
///                 })
///             });
///             assert!(thought.await.is_err());
///             Ok(())
///         })
///         .await
/// }
/// ```
///
/// prints something like
///
/// ```text
/// root[4242] runs, on a processor, 6.1 MiB, 2 threads, 4 ms of processor in 30 ms
/// │   waits for app::think, root.deep[4244], for 20 ms
/// └─ deep[4244] runs, asleep, 5.9 MiB, 2 threads, 3 ms of processor in 26 ms
///        answers app::think, root[4242], for 20 ms
/// ```
///
/// Ages are to within some milliseconds. The actors do not stop for it: two of them may be shown at
/// slightly different moments, so that a call can be on its way, and neither waited for nor worked on.
///
/// # Errors
///
/// [`Config`](crate::Error::Config) outside an actor. In an actor that is not the root, whatever a call
/// of its parent can fail with: [`DeadlineExceeded`](crate::Error::DeadlineExceeded) when that does not
/// answer, and [`Remote`](crate::Error::Remote) when another one on the way to the root does not.
///
/// # Cancel safety
///
/// Dropping it changes nothing.
pub fn snapshot() -> Snapshot {
    Snapshot { within: PATIENCE }
}

impl Snapshot {
    /// How long the tree has to answer; a second by default. Of that, each level has nine tenths of what
    /// the one above it has, so that what is known is told in time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.within = timeout;
        self
    }
}

impl IntoFuture for Snapshot {
    type Output = Result<ActorSnapshot>;
    type IntoFuture = BoxFuture<'static, Result<ActorSnapshot>>;

    fn into_future(self) -> Self::IntoFuture {
        async move {
            let Some(actor) = try_current_actor() else {
                let message = "only an actor can look at its tree: call `tractor::snapshot()` below \
                               `#[tractor::main]` or `tractor::run`";
                return Err(ConfigError::new(message).into());
            };
            whole_tree(&actor, self.within).await
        }
        .boxed()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot(within {:?})", self.within)
    }
}

/// What the whole tree does to which `actor` belongs.
pub(super) async fn whole_tree(actor: &Actor, within: Duration) -> Result<ActorSnapshot> {
    match parent_link() {
        Some((link, _)) if !actor.is_root() => {
            Run::new(Route::Only(link.clone()), introspect::tree(less(within)))
                .timeout(within)
                .await
        }
        _ => Ok(of_root(actor, within).await),
    }
}

/// What the whole tree does of which `root` is the root.
pub(crate) async fn of_root(root: &Actor, within: Duration) -> ActorSnapshot {
    let process = process::usage(root.aid().pid());
    let mut seen = below(root, within).await;
    seen.process = process;
    seen
}

/// What `actor`, which runs in this process, and all below it do. What the kernel says of its process is
/// for whoever asks to find out.
pub(super) async fn below(actor: &Actor, within: Duration) -> ActorSnapshot {
    let members = children(actor.aid());
    let mut seen = traffic_of(actor);
    seen.children = join_all(members.iter().map(|member| look(member, within))).await;
    seen
}

/// What `actor`, which runs in this process, does itself.
pub(crate) fn traffic_of(actor: &Actor) -> ActorSnapshot {
    let aid = actor.aid();
    let mut seen = ActorSnapshot::new(
        aid.path().to_owned(),
        Some(aid.clone()),
        ActorState::Running,
    );
    if let Some((link, handlers)) = parent_link().filter(|_| !actor.is_root()) {
        add_traffic(&mut seen, link, handlers);
    }
    for member in children(aid) {
        if let Some(Reached { link, handlers }) = &member.now().reached {
            add_traffic(&mut seen, link, handlers);
        }
    }
    for calls in [&mut seen.answering, &mut seen.waiting] {
        calls.retain(|call| is_users(&call.function));
        calls.sort_by_key(|call| Reverse(call.age));
    }
    seen
}

/// What a child and all below it do.
async fn look(member: &Member, within: Duration) -> ActorSnapshot {
    let Now {
        state,
        restarts,
        reached,
    } = member.now();
    let path = member.path();
    let mut seen = ActorSnapshot::new(path.to_owned(), None, state);
    if let Some(Reached { link, .. }) = reached {
        let aid = link.peer();
        let process = process::usage(aid.pid());
        match member.ask(&link, within).await {
            Some(Ok(answer)) => {
                seen = answer;
                // Of itself it is not believed what is known here.
                path.clone_into(&mut seen.path);
                seen.state = state;
            }
            failed => {
                if state == ActorState::Running {
                    seen.state = match failed {
                        Some(Err(
                            Error::Cancelled(_) | Error::ActorDied(_) | Error::LinkLost(_),
                        )) => ActorState::Ending,
                        _ => ActorState::Unresponsive,
                    };
                }
                seen.children = out_of_reach(path, aid.pid(), MAX_DEPTH / 2);
            }
        }
        seen.aid = Some(aid.clone());
        seen.process = process;
    }
    seen.restarts = restarts;
    seen
}

/// What the kernel knows of the root `pid`, which does not answer, and of the processes below it.
pub(crate) fn from_outside(pid: u32) -> ActorSnapshot {
    let path = process::name(pid).unwrap_or_default();
    let children = out_of_reach(&path, pid, MAX_DEPTH - 1);
    let mut seen = ActorSnapshot::new(path, None, ActorState::Unresponsive);
    seen.process = process::usage(pid);
    seen.children = children;
    seen
}

/// What the kernel knows of the processes below one that does not answer, so many levels deep.
fn out_of_reach(path: &str, pid: u32, levels: usize) -> Vec<ActorSnapshot> {
    let Some(levels) = levels.checked_sub(1) else {
        return Vec::new();
    };
    let below = process::children(pid).into_iter().map(|(pid, name)| {
        let path = format!("{path}.{name}");
        let children = out_of_reach(&path, pid, levels);
        let mut seen = ActorSnapshot::new(path, None, ActorState::OutOfReach);
        seen.process = process::usage(pid);
        seen.children = children;
        seen
    });
    below.collect()
}

/// Adds what is under way on one link.
fn add_traffic(seen: &mut ActorSnapshot, link: &Link, handlers: &Handlers) {
    let Traffic { calls, streams } = link.traffic();
    seen.answering.extend(handlers.calls());
    seen.waiting.extend(calls);
    seen.streams.extend(streams);
}

/// What somebody has who is asked by somebody who has `within`, and has to answer in time.
pub(crate) fn less(within: Duration) -> Duration {
    within - within / 10
}

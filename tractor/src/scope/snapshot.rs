//! What the tree does, asked of every actor at once.

use std::fmt;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::time::timeout;

use super::census::{Member, Reached, children};
use super::introspect;
use crate::base::{Actor, ActorSnapshot, ActorState, ConfigError, Result, try_current_actor};
use crate::process;
use crate::rpc::{Handlers, Run, parent_link, waiting_for};
use crate::session::{Link, Route};

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
/// [`timeout`](Snapshot::timeout) holds up nobody: it is [`Unresponsive`](ActorState::Unresponsive), and
/// what the kernel knows of it and of the processes below it is shown instead.
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
/// of its parent can fail with: [`DeadlineExceeded`](crate::Error::DeadlineExceeded) when an actor on the
/// way to the root does not answer.
///
/// # Cancel safety
///
/// Dropping it changes nothing.
pub fn snapshot() -> Snapshot {
    Snapshot { within: PATIENCE }
}

impl Snapshot {
    /// How long the tree has to answer; a second by default. Those below have a little less of it than
    /// those above, so that what is known is told in time.
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
            tree(&actor, self.within).await
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
pub(super) async fn tree(actor: &Actor, within: Duration) -> Result<ActorSnapshot> {
    match parent_link() {
        Some((link, _)) if !actor.is_root() => {
            Run::new(Route::Only(link.clone()), introspect::tree(less(within)))
                .timeout(within)
                .await
        }
        _ => Ok(below(actor, within).await),
    }
}

/// What `actor`, which runs in this process, and all below it do.
pub(super) async fn below(actor: &Actor, within: Duration) -> ActorSnapshot {
    let aid = actor.aid();
    let members = children(aid);
    let mut seen = ActorSnapshot::new(
        aid.path().to_owned(),
        Some(aid.clone()),
        ActorState::Running,
    );
    seen.process = process::usage(aid.pid());
    if let Some((link, handlers)) = parent_link().filter(|_| !actor.is_root()) {
        add_traffic(&mut seen, link, handlers);
    }
    for member in &members {
        if let Some(Reached { link, handlers }) = &member.now().reached {
            add_traffic(&mut seen, link, handlers);
        }
    }
    seen.answering
        .sort_by_key(|call| std::cmp::Reverse(call.age));
    seen.waiting.sort_by_key(|call| std::cmp::Reverse(call.age));
    let looks = members.iter().map(|member| look(member, less(within)));
    seen.children = join_all(looks).await;
    seen
}

/// What a child and all below it do.
async fn look(member: &Member, within: Duration) -> ActorSnapshot {
    let now = member.now();
    let unseen = |aid| ActorSnapshot::new(member.path().to_owned(), aid, now.state);
    let mut seen = match &now.reached {
        None => unseen(None),
        Some(Reached { link, .. }) => {
            let aid = link.peer();
            match timeout(within, member.ask(link, less(within))).await {
                Ok(Ok(seen)) => seen,
                failed => {
                    let mut unseen = unseen(Some(aid.clone()));
                    unseen.process = process::usage(aid.pid());
                    if now.state == ActorState::Running {
                        unseen.state = match failed {
                            Err(_) => ActorState::Unresponsive,
                            // It has ended, or is about to: that is how such a call fails.
                            Ok(_) => ActorState::Ending,
                        };
                    }
                    unseen.children = out_of_reach(member.path(), aid.pid());
                    unseen
                }
            }
        }
    };
    if now.state != ActorState::Running {
        seen.state = now.state;
    }
    seen.restarts = now.restarts;
    seen
}

/// What the kernel knows of the processes below one that does not answer.
fn out_of_reach(path: &str, pid: u32) -> Vec<ActorSnapshot> {
    let below = process::children(pid).into_iter().map(|(pid, name)| {
        let path = format!("{path}.{name}");
        let children = out_of_reach(&path, pid);
        let mut seen = ActorSnapshot::new(path, None, ActorState::OutOfReach);
        seen.process = process::usage(pid);
        seen.children = children;
        seen
    });
    below.collect()
}

/// Adds what is under way on one link.
fn add_traffic(seen: &mut ActorSnapshot, link: &Link, handlers: &Handlers) {
    let (waiting, streams) = waiting_for(link);
    seen.answering.extend(handlers.calls());
    seen.waiting.extend(waiting);
    seen.streams.extend(streams);
}

/// What somebody has who is asked by somebody who has `within`, and has to answer in time.
fn less(within: Duration) -> Duration {
    within.mul_f64(0.8)
}

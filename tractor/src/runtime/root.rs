//! Being the root of a tree.

use std::any::Any;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};

use super::body::run_to_end;
use super::host::{debug_root, stop_if_failed};
use super::inspect::answer_those_who_look;
use super::{Outcome, child, executor};
use crate::base::{
    Actor, Aid, Config, ConfigError, Error, Image, Result, Teardown, block_on, colour_debug,
    enter_process, enter_thread, stderr_takes_colours, until_cancelled,
};
use crate::log::start_log;
use crate::process::{
    Interrupt, Interrupter, Interrupts, close_desks, flush_uplink, give_up_terminal, is_desk_held,
};
use crate::rpc::registry::check_registry;
use crate::scope::names::check_name;
use crate::scope::{Nursery, NurseryBuilder};

/// Runs `body` as the root actor; in a process that tractor started, answers calls instead and
/// never returns.
///
/// It is what `#[tractor::main]` does, for programs that have something to do first. **Whatever
/// comes before it runs in every child as well**, because a child is this same program from its
/// first line on: parse arguments (a child gets the same ones), but open, delete, bind or print
/// nothing. A child's stdin is `/dev/null`, and before this call it must not be read.
///
/// SIGINT and SIGTERM tear the tree down and exit with 130 or 143. A second one kills it, and the root exits
/// as soon as the killed are reaped, for which it has ten seconds, or after half a second if its executor is
/// blocked. A third one gives it no more than half a second either.
///
/// ```no_run
/// #[tractor::rpc]
/// async fn double(n: u64) -> u64 {
///     n * 2
/// }
///
/// fn main() -> tractor::Result<()> {
///     let workers = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2);
///     tractor::run(tractor::Config::new().name("boss"), async || {
///         tractor::cluster! { modules: [self], count: workers }
///             .scope(async |workers| {
///                 let results = workers.run_all(double(21)).await;
///                 println!("{results:?}");
///                 Ok(())
///             })
///             .await
///     })
/// }
/// ```
///
/// # Errors
///
/// What `body` returns; [`Config`](crate::Error::Config) when the settings or the environment make
/// no sense.
///
/// # Panics
///
/// Resumes a panic of `body`, after the teardown.
pub fn run<R: Outcome>(config: Config, body: impl AsyncFnOnce() -> R) -> R {
    if Image::is_child() {
        child::enter();
    }
    Root::prepare(&config, Image::of_this_program())
        .and_then(|root| root.run_program(body, |code| exit(code)))
        .unwrap_or_else(R::from_error)
}

/// What `#[tractor::main]` expands to.
pub fn main<R: Outcome>(config: Config, body: impl AsyncFnOnce() -> R) -> R {
    let outcome = run(config, body);
    // Nothing of the user's follows but what std prints of an error.
    if stderr_takes_colours() {
        colour_debug();
    }
    outcome
}

/// What `#[tractor::test]` expands to; `path` is the path of the test function.
///
/// One process runs many tests, each the root of a tree of its own. Signals stay as they are:
/// Ctrl-C kills the harness, and the children notice.
pub fn test<R: Outcome>(config: Config, path: &str, body: impl AsyncFnOnce() -> R) -> R {
    if Image::is_child() {
        child::enter();
    }
    // The harness knows a test by its path without the crate.
    let test = path.split_once("::").map_or(path, |(_, test)| test);
    Root::prepare(&config, Image::of_this_test(test))
        .map(|root| root.run_here(body))
        .unwrap_or_else(R::from_error)
}

/// Runs a root whose only job is to hold a tree of actors, until SIGTERM or SIGINT.
///
/// `body` starts the actors in `nursery`, and returns; the tree stays until a signal ends it, until
/// it fails or until every actor has ended. A signal tears the tree down gracefully, and that is a
/// success: unlike [`run`], this then returns `Ok`, which is what a service manager expects of a
/// service that it stops. A second signal kills the tree and exits with 130 or 143.
///
/// All that is said of [`run`] about what comes before it, and about children, holds.
///
/// ```no_run
/// use tractor::{Config, Restart};
///
/// #[tractor::rpc]
/// async fn lookup(key: String) -> Option<String> {
///     std::env::var(key).ok()
/// }
///
/// fn main() -> tractor::Result<()> {
///     let nursery = tractor::nursery().restart(Restart::OneForOne);
///     tractor::run_daemon(Config::new().log_level("info"), nursery, async |an| {
///         an.start_actor("names", tractor::modules![self]).await?;
///         an.start_actor("spare", tractor::modules![self]).await?;
///         Ok(())
///     })
/// }
/// ```
///
/// # Errors
///
/// What `body` returns; the failure of an actor that is not answered by a restart; what [`run`]
/// fails with.
///
/// # Panics
///
/// Resumes a panic of `body`, after the teardown.
pub fn run_daemon<E: From<Error> + Debug + 'static>(
    config: Config,
    nursery: NurseryBuilder,
    body: impl AsyncFnOnce(Nursery) -> Result<(), E>,
) -> Result<(), E> {
    if Image::is_child() {
        child::enter();
    }
    let root = Root::prepare(&config, Image::of_this_program())?;
    root.run_program(async || nursery.hold(body).await, |_signal| Ok(()))?
}

/// A root that can begin.
struct Root {
    actor: Actor,
    runtime: tokio::runtime::Runtime,
}

impl Root {
    fn prepare(config: &Config, image: Image) -> Result<Self> {
        check_registry()?;
        check_name(config.root_name())?;
        let aid = Aid::of_this_process(config.root_name(), Aid::new_unique());
        let actor = Actor::root(aid, config, Config::from_env()?, image);
        actor.config().check()?;
        start_log(&actor)?;
        Ok(Self {
            runtime: executor::build(&actor)?,
            actor,
        })
    }

    /// Runs the body in a process that is the root's own; `interrupted` makes what a signal, told
    /// by its exit code, ends it with.
    fn run_program<R: Outcome>(
        self,
        body: impl AsyncFnOnce() -> R,
        interrupted: impl FnOnce(i32) -> R,
    ) -> Result<R> {
        enter_process(&self.actor);
        let root = self.actor.aid().clone();
        // Where the executor is blocked, the lifelines do the rest.
        let interrupts = Interrupts::follow(|code| exit_hard(code), move || is_desk_held(&root))
            .map_err(|error| ConfigError::new(format!("cannot follow signals: {error}")))?;
        let interrupter = interrupts.interrupter().clone();
        let _desk = debug_root(&self.actor, self.runtime.handle(), interrupter.clone());
        if self.actor.config().lets_look_in() {
            let _inside = self.runtime.enter();
            answer_those_who_look(&self.actor);
        }
        let actor = self.actor.clone();
        let body = async || {
            let outcome = body().await;
            stop_if_failed(&actor, &outcome, &interrupter).await;
            outcome
        };
        Ok(self.run(body, Some(interrupts), interrupted))
    }

    /// Runs the body in a process that is shared with other roots.
    fn run_here<R>(self, body: impl AsyncFnOnce() -> R) -> R {
        self.run(body, None, |code| exit(code))
    }

    fn run<R>(
        self,
        body: impl AsyncFnOnce() -> R,
        interrupts: Option<Interrupts>,
        interrupted_by: impl FnOnce(i32) -> R,
    ) -> R {
        let mut result = None;
        let end =
            self.run_and_tear_down(Box::pin(async { result = Some(body().await) }), interrupts);
        match (end, result) {
            (End::Panic(panic), _) => resume_unwind(panic),
            (End::Body, Some(result)) => result,
            (End::Body, None) => unreachable!("the body has ended, and left it"),
            (End::Signal(code), _) => interrupted_by(code),
        }
    }

    /// Runs the body and tears down what it leaves behind.
    ///
    /// For bodies of any kind: this is compiled once, and not with every program.
    fn run_and_tear_down(
        self,
        body: Pin<Box<dyn Future<Output = ()> + '_>>,
        mut interrupts: Option<Interrupts>,
    ) -> End {
        let Self { actor, runtime } = self;
        let _entered = enter_thread(&actor);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let signalled = interrupted(&mut interrupts);
            let body = async { _ = until_cancelled(body, signalled).await };
            run_to_end(&runtime, pin!(body));
        }));
        // Scopes that were dropped with the body, or before, are still tearing down (S1).
        block_on(&runtime, wind_down(&actor, &mut interrupts));
        // What those have told who are gone now.
        flush_uplink();
        // A signal to the whole group ends the children as well, and the body may have learnt of
        // that first: its failure is then not what ended the root.
        let asked = interrupts
            .as_ref()
            .map(|interrupts| block_on(&runtime, interrupts.interrupter().now()));
        runtime.shutdown_background();
        match (ended, asked) {
            (Ok(()), Some(Interrupt::Hard(code))) => exit_hard(code),
            (Err(panic), _) => End::Panic(panic),
            (Ok(()), Some(Interrupt::Graceful(code))) => End::Signal(code),
            (Ok(()), None | Some(Interrupt::None)) => End::Body,
        }
    }
}

/// How the body of a root has ended.
enum End {
    /// By itself.
    Body,
    /// By a panic.
    Panic(Box<dyn Any + Send>),
    /// By a signal, which is told by the exit code for it.
    Signal(i32),
}

/// Resolves when a signal asks for the end.
async fn interrupted(interrupts: &mut Option<Interrupts>) {
    match interrupts {
        Some(interrupts) => {
            let code = interrupts.end().await;
            tracing::info!(code, "interrupted");
        }
        None => std::future::pending().await,
    }
}

/// Resolves when a second signal asks for an end at once, with whom to tell that it comes.
async fn interrupted_again(interrupts: &mut Option<Interrupts>) -> Interrupter {
    match interrupts {
        Some(interrupts) => {
            let code = interrupts.hard_end().await;
            tracing::info!(code, "interrupted again");
            interrupts.interrupter().clone()
        }
        None => std::future::pending().await,
    }
}

/// Waits until every child is reaped; a second signal makes it quick.
async fn wind_down(actor: &Actor, interrupts: &mut Option<Interrupts>) {
    let owners = actor.owners();
    owners.tear_down(Teardown::Graceful);
    let interrupter = tokio::select! {
        () = owners.finished() => return,
        interrupter = interrupted_again(interrupts) => interrupter,
    };
    owners.tear_down(Teardown::Hard);
    let reaping = interrupter.clone();
    // Tasks run where the owners do: this one tells that they are not blocked.
    owners.spawn(async move { reaping.reaping() });
    owners.finished().await;
    interrupter.reaped();
}

/// Exits like one who waits for nobody.
fn exit_hard(code: i32) -> ! {
    // Whoever ends this process already may wait for it.
    give_up_terminal();
    exit(code)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the way out of a root that was interrupted"
)]
fn exit(code: i32) -> ! {
    close_desks();
    std::process::exit(code)
}

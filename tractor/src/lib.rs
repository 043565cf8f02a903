//! Structured concurrency for processes: a tree of actors that call each other's functions, and of
//! which nothing is left when the scope that started them ends.
//!
//! - **Nothing outlives its scope**: a scope returns after its last child is dead and reaped, and a
//!   process whose parent is gone, even by `SIGKILL`, ends by itself.
//! - **Only what is listed can be called**: a call of a function that an actor does not expose does
//!   not compile, and the actor checks again.
//! - **Dropping is cancelling**: a call that is dropped is cancelled in the other process, which
//!   acknowledges it.
//! - **Every call resolves by the event itself**: a result, an error, a panic, a cancellation, a
//!   death, a lost link or a deadline; never by a timeout that stands in for one of the others.
//! - **No error is flattened**: text, sources, type, origin and path arrive, however many processes
//!   lie between.
//!
//! # Example
//!
//! ```
//! use tokio::time::{Duration, timeout};
//!
//! #[tractor::rpc]
//! async fn sleepy_jane() {
//!     println!("Yo i am actor {}", tractor::current_actor().aid());
//!     std::future::pending::<()>().await;
//! }
//!
//! #[tractor::rpc]
//! fn is_prime(n: u64) -> bool {
//!     n > 1 && (2..=n.isqrt()).all(|d| n % d != 0)
//! }
//!
//! #[tractor::main]
//! async fn main() -> tractor::Result<()> {
//!     tractor::cluster! { modules: [self], count: 2 }
//!         .scope(async |workers| {
//!             for (name, portal) in &workers {
//!                 println!("{name}: {}", portal.run(is_prime(97)).await?);
//!             }
//!             let naps = workers.run_all(sleepy_jane);
//!             assert!(timeout(Duration::from_millis(50), naps).await.is_err());
//!             Ok(())
//!         })
//!         .await
//! }
//! ```
//!
//! # How it works
//!
//! An *actor* is a process with an [`Aid`] and a tokio runtime of one thread
//! ([`worker_threads`](Config::worker_threads) gives it more). The first one is the *root*: the
//! process in which [`#[main]`](macro@main), [`#[test]`](macro@test) or [`run`] has begun. Every
//! other one is a re-execution of the same program, which serves its parent instead of running the
//! body of `main`.
//!
//! Parent and child are connected by a socketpair, the *link*. The child gets its end as stdin, so
//! that it leaks into nobody, and moves it away at once. The link carries calls in both directions
//! and is the child's *lifeline*: when no process holds the other end any more, the child ends. Where
//! it can be had, the two also share a piece of memory, through which the bytes of the link then go:
//! the [`transport`](Config::transport).
//!
//! [`#[rpc]`](macro@rpc) makes a function one that builds a [`Call`], a value that has not run yet.
//! `.await` it, and it runs here; hand it to a [`Portal`], and it runs in the portal's actor. The
//! functions of a program are registered by their paths when it is linked, so that a path is all
//! that travels besides the arguments. [`modules!`] makes an allowlist of whole modules, known to
//! the compiler as the portal's type and to the child as data.
//!
//! A function that returns `impl Stream` yields its items over there, and
//! [`open_stream_from`](Portal::open_stream_from) reads them here. A
//! [`#[context]`](macro@context) function holds a dialog:
//! [`open_context`](Portal::open_context) links it with a scope here, over a typed stream in both
//! directions. The [`guide`] has a chapter on [contexts](guide::contexts), [streams](guide::streams),
//! [back-pressure](guide::back_pressure), and on what each side sees when the other
//! [ends](guide::endings).
//!
//! [`nursery`] opens a scope for actors of any kind. Its [`scope`](NurseryBuilder::scope) hands a
//! [`Nursery`] to an async closure, which starts *daemons*, that answer calls until they are
//! cancelled, and *one-shots*, that end with their one call. [`cluster!`] is a nursery for a flat
//! fleet with one allowlist: it starts its workers at once and hands them over as a [`Cluster`], a
//! map of portals, with [`run_all`](Cluster::run_all) for the same call on every worker and
//! [`map`](Cluster::map) for one call per input. A program that is there to hold a tree until
//! SIGTERM is [`run_daemon`].
//!
//! # Supervision
//!
//! ```text
//!             nursery().scope(async |an| { .. })
//!                          │
//!                     supervisor                 starts, restarts, stops; collects failures
//!       ┌─────────────┬────┴────────┬──────────────┐
//!    "store"        "web"         "web"        burn_cpu(10)
//!    daemon         daemon        daemon       one-shot: ends with its result
//!                     │
//!               a handler opens a nursery of its own: trees nest to any depth
//!
//!   a child fails:   Never        the body and all siblings are cancelled, the scope fails
//!                    OneForOne    it is started again
//!                    OneForAll    all are stopped, the youngest first, and started again
//!                    RestForOne   it and the younger ones are
//!                    too often    the scope fails with the last cause: the next level up decides
//! ```
//!
//! **One cancels all**, by default. A child that dies without being asked to, or a one-shot whose
//! function fails, ends the scope: the calls that are in flight on it fail; the body is polled once
//! more, so that it can see that, and dropped at its next await; the siblings are cancelled at once,
//! without waiting for the failed one to be reaped. The failure is what the scope returns, unless
//! the body returned an error first. What fails beside it or during the teardown makes it an
//! [`ErrorGroup`]: an actor that was asked to end and crashes has failed as well. That somebody was
//! cancelled because of it is no failure.
//!
//! **[`Restart`]** chooses another strategy for a nursery or a cluster, [`RestartType`] says for one
//! actor after which ends it is started again, and [`max_restarts`](NurseryBuilder::max_restarts)
//! within [`restart_window`](NurseryBuilder::restart_window) how often. A restarted actor is a new
//! process with a new [`Aid`], in the same place: portals reach the new process, calls that were in
//! flight fail with [`Error::ActorDied`], unless they may be [retried](Run::retry), and calls that
//! are made meanwhile wait. Its state is gone with the old process.
//!
//! **Order.** By default and with [`OneForOne`](Restart::OneForOne), children have nothing to do
//! with each other: they start as they are asked for and end all at the same time. With
//! [`OneForAll`](Restart::OneForAll) and [`RestForOne`](Restart::RestForOne) they start one after
//! the other, and stop one after the other in reverse order, also at the end of the scope; a hard
//! kill waits for nobody.
//!
//! **The end.** A nursery whose body has returned `Ok` waits for its one-shots and then for its
//! daemons, which have to be cancelled; a cluster cancels its workers. Every child is brought down
//! by the same *ladder*, see [below](#processes). Scopes nest by handlers that open their own: when
//! a handler is cancelled, its scope is dropped with it and torn down in the background, and its
//! actor does not end before that is done. A scope that is opened while its actor is being torn
//! down starts nothing, and returns [`Error::Cancelled`].
//!
//! **The price.** An idle actor is a process of 2 threads and 11 descriptors with about 0.4 MiB that
//! are its own, the rest being shared with the other processes of the image; its parent has 2
//! descriptors and about 25 KiB for it, and no thread. Measured with 220 of them in a release build
//! for x86-64 Linux; it is linear, and `tests/tests/idle.rs` asserts that. So 200 actors in one
//! nursery need a limit (`ulimit -n`) of about 450 open files in the parent. They start concurrently,
//! and end concurrently.
//!
//! # Guarantees and limits
//!
//! ## Processes
//!
//! A scope is over when its children are, however its body ends: by a result, an error, a panic or
//! by being dropped, in which case the teardown goes on in the background and the actor does not
//! exit before it is done. Children are brought down by a *ladder*: a cancel request over the link;
//! `SIGTERM`, when it is not acknowledged within [`cancel_timeout`](Config::cancel_timeout) or not
//! followed within [`kill_timeout`](Config::kill_timeout); and after another `kill_timeout`
//! `SIGKILL`. An [`ExitReport`] tells the [`Rung`] that each child needed.
//!
//! A process whose parent has died drops its handlers, kills its own children, and exits. If it has
//! not done so in 150 ms, say because it spins in `loop {}`, it is killed by a thread that watches
//! the lifeline. So the time in which a tree without a root is gone grows with its depth, by no more
//! than 150 ms a level. The same goes for what is below a child that its scope had to kill: it ends
//! by itself, and may end a moment after the scope.
//!
//! - **Code before the runtime runs in every child**: what stands before [`run`], and what
//!   libraries do before `main`. With [`#[main]`](macro@main) there is none in your `main`. The
//!   lifeline is watched from there on: a child that is held up before it outlives its parent.
//! - A child's stdin is `/dev/null`. The environment is inherited, and so are the arguments but the
//!   first: `argv[0]` of a child is like `my_app tractor-child[root.worker_0]`, which is what `ps`
//!   shows. Stdout, stderr and the working directory are inherited unless the child is started with
//!   [others](ActorBuilder::stdout).
//! - With `panic = "abort"`, a panic is the death of its actor.
//! - A copy of a parent that was made by `fork` without `exec` holds the parent's end of every link:
//!   while it lives, the children do not notice that the parent is dead.
//! - What a handler starts by itself, by [`std::process::Command`] for instance, is not an actor. It
//!   is looked after only in an actor that leads a [process group](ActorBuilder::process_group).
//! - A program that reaps children it did not start (`waitpid(-1, ..)`), or ignores `SIGCHLD`, takes
//!   their exit status away: it is then reported as [`ExitStatus::Unknown`].
//! - The child of a [`#[test]`](macro@test) is the test binary, told to run that one test.
//!
//! ## Calls
//!
//! Arguments and results are owned values that implement [`Serialize`](serde::Serialize) and
//! [`Deserialize`](serde::Deserialize). They travel as `postcard`, which does not describe itself:
//!
//! - serde's `flatten`, `untagged` and internal `tag` do not decode, nor does a type like
//!   `serde_json::Value`; with `skip_serializing_if`, the fields that follow a skipped one are read
//!   from the wrong place;
//! - `PathBuf` takes only UTF-8; `OsString` takes any name.
//!
//! One link has at most [`max_in_flight`](Config::max_in_flight) calls in flight and takes messages
//! of at most [`max_frame`](Config::max_frame) bytes. Beyond the first limit calls wait in line,
//! beyond the second they fail with [`Error::Codec`]. A stream has at most
//! [`stream_window`](Config::stream_window) bytes of items under way; beyond that its sender waits.
//!
//! A plain `fn` runs on tokio's blocking pool, an `async fn` on the actor's runtime: one that
//! computes for long without an await holds up every other call of its actor, and the answer to a
//! cancel request.
//!
//! ## Platforms
//!
//! Linux is built, tested and tuned for. `/proc` has to be mounted, because children are started
//! from the running image, which makes it harmless to replace or delete the program's file.
//!
//! Other Unixes are meant to work, and nobody tests them. What does not hold there: replacing the
//! program's file during a run changes the children that are started later, or keeps them from
//! starting; a child that is stopped (`SIGSTOP`) when its parent dies stays until somebody continues
//! it; `ps` shows the name of an actor only in its command line; links go through a socket, as there is
//! no memory whose size is sealed. Windows is refused at compile time.
//!
//! # Cancellation
//!
//! To drop a [`Run`] is to cancel it: by [`tokio::time::timeout`], [`tokio::select!`] or the end of
//! a scope. The remote future is dropped at its next await, and its place on the link is free again
//! when that is acknowledged. A call of a plain `fn` that has begun cannot be interrupted; it runs
//! to its end unobserved, and that is its acknowledgement. It does not hold up the end of its actor.
//!
//! [`Run::timeout`] and [`Run::deadline`] travel with a call: calls that its handler makes in turn
//! have no longer than what is left. They do not reach into tasks that the handler spawns with
//! [`tokio::spawn`].
//!
//! A handler that is cancelled is polled once more, so that it can notice: [`current_call`] tells
//! who cancelled it and why, as a future and, for a plain `fn`, as a question. What it has to await
//! to clean up, it awaits behind a [`shield`], which the cancellation waits for; so do the body of a
//! scope that fails, and the body of `main` at a signal. The ladder bounds them.
//!
//! An actor is cancelled by its scope, by [`Portal::cancel_actor`] or by [`Nursery::cancel`], and
//! with it everything it runs and owns. A call that somebody else cancelled fails with
//! [`Error::Cancelled`], which names who did it.
//!
//! SIGINT and SIGTERM cancel the root, which exits with 130 or 143 after the teardown; a second
//! signal kills the tree, and a third does not wait until the killed are reaped. Children ignore
//! SIGINT, because a terminal sends it to all of them: only their parent cancels them.
//!
//! # Errors
//!
//! A function that returns `Result<T, E>` yields `Result<T, Error>` to its caller, and one that
//! returns anything else is wrapped in a `Result`. [`Error::Remote`] is the function's own `Err` or
//! panic: a [`RemoteError`] has its text, its chain of sources, its origin and the actors it came
//! through, and [`downcast`](RemoteError::downcast) gives the original back when its type is
//! serializable. The other variants are failures of the tree, each with what is known about it:
//! [`Error::ActorDied`] has the exit status.
//!
//! What a child's failure does to its scope is told under [Supervision](#supervision).
//!
//! An error displays as one line; `{:#}`, [`report`](Error::report) and `Debug`, which is what `main`
//! prints, render all that is known of it; [`Report::coloured`] does so for a terminal.
//!
//! # Seeing what a tree does
//!
//! | your program | what to do | chapter |
//! |---|---|---|
//! | crashed | start it with `TRACTOR_DEBUG=1`: the actor stops where it crashes, at any depth of the tree, and gives a prompt there | [crashes](guide::crashes) |
//! | hangs | `tractor tree PID`, or `tractor top PID` | [hangs](guide::hangs) |
//! | is slow | have handlers written as spans: who has called which, over all processes, and how long each took | [traces](guide::traces) |
//! | says too little, or too much | change the levels of one actor or of all while it runs | [logs](guide::logs) |
//!
//! What a terminal shows then is in the chapter [screens](guide::screens).
//!
//! [`snapshot()`] shows the whole tree at any moment, from any actor: who works on which call and for how
//! long, who waits for whom, which stream is stuck, how much memory and processor time each process has
//! used. An actor that is blocked does not hold it up, and is named. It is data, and prints as a tree. The
//! command `tractor` shows the same of a program that runs, if that is built with debug assertions or
//! [asks for it](Config::inspect).
//!
//! # Non-goals
//!
//! - Machines: a tree lives on one. There is no discovery, no port and no encryption.
//! - Isolation: actors are processes of one user that run one image. Memory and crashes are
//!   separate, rights are not.
//! - Compatibility on the wire: both ends of a link are the same image.
//! - Persistence: nothing is kept of a call or an actor once it has ended.
//!
//! # Features
//!
//! - `cli` builds the command `tractor`: `cargo install tractor --features cli`. The library is the same
//!   with it; a program that depends on tractor has no use for it.
//! - `debug` is the prompt of [debug mode](guide::crashes).
//! - `opentelemetry` exports the [traces](guide::traces) of a tree as those of one program.
//!
//! `tracing` events tell of starts, exits, cancellations and refusals. They are written to stderr,
//! each line with its actor's name, when [`log_level`](Config::log_level) or `TRACTOR_LOG` says so, or handed
//! to the root's subscriber: see the chapter [logs](guide::logs). By default nothing is written, and a
//! subscriber of the program's own stays in place.

#[cfg(not(unix))]
compile_error!(
    "tractor runs on Unix: its processes are connected by inherited socketpairs and ended by \
     signals"
);

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[doc(hidden)]
pub mod __private;
mod base;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod debugger;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod guide;
mod log;
mod macros;
#[cfg(tractor_measuring)]
#[doc(hidden)]
pub mod measuring;
#[cfg(feature = "opentelemetry")]
pub mod opentelemetry;
mod process;
mod rpc;
mod runtime;
mod scope;
mod session;
mod transport;
mod wire;

pub use crate::base::{
    Actor, ActorDied, ActorSnapshot, ActorState, Aid, CallSnapshot, Cancelled, CodecError,
    CodecSide, Config, ConfigError, DeadlineExceeded, Deadlock, Error, ErrorGroup, Exit,
    ExitStatus, Lagged, LinkLost, LogTo, ModuleNotExposed, OverrunError, ProcessSnapshot,
    ProcessState, RemoteError, Report, Result, Rung, SpawnError, StreamClosed, StreamSnapshot,
    Transport, UnknownFunction, current_actor, shield, try_current_actor,
};
pub use crate::debugger::{pause, pause_sync};
pub use crate::macros::{cluster, context, main, modules, rpc, test};
pub use crate::process::Stdio;
pub use crate::rpc::{
    Args, Call, CancelReason, Cancellation, Context, ContextCall, ContextFn, ContextOutcome,
    ContextStream, CurrentCall, Dynamic, Exposes, GatherContexts, IntoCall, IntoContextCall,
    IntoStreamCall, Modules, OpenContext, OpenedContext, Overrun, Portal, ReceiveHalf, Rpc, Run,
    SendHalf, Started, StreamCall, StreamFn, StreamFrom, Subscription, Wire, current_call,
    gather_contexts, parent_portal, registered_functions,
};
pub use crate::runtime::{Outcome, run, run_daemon};
pub use crate::scope::{
    ActorBuilder, Cluster, ClusterBuilder, ClusterIter, ExitReport, Map, Nursery, NurseryBuilder,
    OneShot, Restart, RestartType, RunAll, Snapshot, Starting, nursery, set_log_level, snapshot,
};

//! Being a child: from the handshake to the exit.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use tokio::sync::{Notify, oneshot};

use super::executor;
use super::host::debug_child;
use crate::base::{
    Actor, Aid, Config, ConfigError, Error, Image, LinkLost, Result, Tasks, Teardown, block_on,
    enter_process, enter_thread,
};
use crate::log::start_log;
#[cfg(feature = "opentelemetry")]
use crate::opentelemetry::set_traced;
use crate::process::{
    end_group, end_orphaned_group, explain, ignore_interrupts, lead_group, receive_spec, take_link,
    watch_lifeline,
};
use crate::rpc::registry::{Exposed, check_registry};
use crate::rpc::{FirstPoll, Server, set_parent};
use crate::session::{Driver, Ended, Finish, Limits, Link};
use crate::transport::{Frames, LinkStream, Mapping, Side, Socket, know_processors};
use crate::wire::{Hello, Kind, Spec, VERSION, encode};

/// The exit code of a child that nobody owns any more. Nobody is left to see it, either.
const ORPHANED: i32 = 1;

/// Runs this process as a child. It ends here: a child never runs the body of `main`.
pub(super) fn enter() -> ! {
    match serve() {
        Ok(code) => exit(code),
        Err(error) => {
            eprintln!("tractor: this process cannot be an actor: {error}");
            exit(2)
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the way out of a child, after its teardown"
)]
fn exit(code: i32) -> ! {
    std::process::exit(code)
}

fn serve() -> io::Result<i32> {
    let link = take_link().map_err(|error| {
        let reason = format!(
            "its name says that tractor started it, but its stdin is no link to a parent ({error})"
        );
        io::Error::new(error.kind(), reason)
    })?;
    let orphaned = Arc::new(Notify::new());
    match prepare(&link, &orphaned) {
        Ok(child) => child.run(link, &orphaned),
        Err(error) => {
            // The parent tells the user; a child that starts by the dozen should not.
            let reason = error.to_string().chars().take(MAX_REASON).collect();
            io::Write::write_all(&mut &link, &hello_frame(&Hello::Failed(reason)))?;
            Ok(2)
        }
    }
}

/// Everything up to the first call; whatever fails here is told to the parent.
fn prepare(link: &UnixStream, orphaned: &Arc<Notify>) -> Result<Child> {
    let told = orphaned.clone();
    // Invariant S2: before anything else that could block.
    watch_lifeline(link, move || told.notify_one()).map_err(cannot("watch its parent"))?;
    let (spec, memory) = receive_spec(link).map_err(cannot("learn what it is"))?;
    if spec.leads_group {
        lead_group();
    }
    let memory = memory.map(Mapping::new).transpose();
    Child::new(spec, memory.map_err(cannot("map the memory of its link"))?)
}

fn cannot(what: &str) -> impl Fn(io::Error) -> Error {
    move |error| ConfigError::new(format!("the child cannot {what}: {}", explain(&error))).into()
}

/// The longest text, in characters, by which a child says why it cannot begin.
const MAX_REASON: usize = 4096;

fn hello_frame(hello: &Hello) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(&mut frame, usize::MAX >> 1, Kind::Hello, |frame| {
        frame.value(hello)
    })
    .expect("a greeting is far below 4 GiB");
    frame
}

/// A child that can begin.
struct Child {
    actor: Actor,
    parent: Aid,
    memory: Option<Mapping>,
    runtime: tokio::runtime::Runtime,
}

impl Child {
    fn new(spec: Spec, memory: Option<Mapping>) -> Result<Self> {
        if spec.version != VERSION {
            let message = format!("the parent speaks version {}, not {VERSION}", spec.version);
            return Err(ConfigError::new(message).into());
        }
        check_registry()?;
        know_processors(spec.processors);
        let aid = Aid::of_this_process(&spec.path, spec.unique);
        let image = Image::of_this_child(spec.hand_stdout_over);
        let parent = spec.parent.clone();
        let overrides = Config::from_env()?;
        let actor = Actor::child(aid, parent, &spec.config, overrides, image, spec.modules);
        actor.config().check()?;
        #[cfg(feature = "opentelemetry")]
        if let Some(filter) = spec.traced {
            set_traced(filter)?;
        }
        start_log(&actor)?;
        show_name(actor.aid().name());
        enter_process(&actor);
        debug_child(&actor, spec.terminal);
        // Before there are threads that would inherit the spawner's mask.
        ignore_interrupts().map_err(cannot("follow signals"))?;
        Ok(Self {
            runtime: executor::build(&actor)?,
            actor,
            parent: spec.parent,
            memory,
        })
    }

    fn run(self, link: UnixStream, orphaned: &Notify) -> io::Result<i32> {
        let _entered = enter_thread(&self.actor);
        let code = block_on(&self.runtime, async {
            let link = Socket::new(link)?;
            serve_calls(&self.actor, self.parent, link, self.memory, orphaned).await
        });
        // A plain function that still runs on the blocking pool does not hold up the exit.
        self.runtime.shutdown_background();
        code
    }
}

/// Answers calls until the parent ends this actor, or is gone.
async fn serve_calls(
    actor: &Actor,
    parent: Aid,
    stream: Socket,
    memory: Option<Mapping>,
    orphaned: &Notify,
) -> io::Result<i32> {
    let config = actor.config();
    let limits = Limits {
        in_flight: config.in_flight_limit(),
        frame: config.frame_limit(),
        window: config.window(),
    };
    let first_poll = match config.threads() {
        1 => FirstPoll::Inline,
        _ => FirstPoll::Spawned,
    };
    let mut frames = Frames::new(stream, limits.frame);
    frames
        .send(&hello_frame(&Hello::Ready(actor.aid().clone())))
        .await?;
    let frames = frames.over(|stream| LinkStream::new(stream, memory, Side::Child));
    let link = Link::new(actor.aid().clone(), parent.clone(), limits);
    let (server, handlers, cancelled) = Server::new(
        link.clone(),
        Exposed::new(actor.exposes()),
        first_poll,
        limits.in_flight,
    );
    set_parent(&link, &handlers);
    let (driver, finish) = Driver::new(frames, link.clone(), server);
    let (end, mut ended) = oneshot::channel();
    let io = Tasks::new();
    io.spawn(async move {
        let _ = end.send(driver.run().await);
    });
    tracing::debug!("ready");
    tokio::select! {
        Ok(_) = cancelled => {
            actor.owners().tear_down(Teardown::Graceful);
            handlers.finished().await;
            // Invariant S1, of scopes that were dropped.
            actor.owners().finished().await;
            let _ = finish.send(Finish::Write);
            let _ = ended.await;
            // Nobody else would, if the parent has died meanwhile.
            end_orphaned_group();
            return Ok(0);
        }
        ended = &mut ended => {
            if let Ok(Ended::Violation(violation)) = &ended {
                tracing::error!(%violation, "the link to the parent is lost");
            }
        }
        () = orphaned.notified() => {}
    }
    // Nobody owns this actor any more. What it runs is dropped, what it owns is killed: its
    // children would only find themselves orphaned a moment later.
    tracing::debug!("orphaned");
    // Before: what becomes of the handlers now is no answer, and a parent that has only lost its end of
    // the socket could still read it from memory.
    link.close(&LinkLost::new(parent, "this actor is an orphan".to_owned()).into());
    handlers.abort_all();
    actor.owners().tear_down(Teardown::Hard);
    tokio::task::yield_now().await;
    actor.owners().finished().await;
    end_group();
    Ok(ORPHANED)
}

/// Shows the actor's name in `ps` and `top`, cut to what the kernel keeps.
///
/// The file names the process, `prctl` would name the thread: under a test harness another one.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn show_name(name: &str) {
    // The name is for people; a kernel that refuses it changes nothing.
    let _ = std::fs::write("/proc/self/comm", name);
}

/// Elsewhere the command line is all that shows the name.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn show_name(_name: &str) {}

//! What is done about an actor that stops.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::thread;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

#[cfg(feature = "debug")]
use super::prompt::talk;
use super::report::Report;
use crate::Error;
use crate::base::{
    Actor, Config, Counted, Result, on_own_thread, stderr_takes_colours, try_current_actor,
};
use crate::process::{Terminal, terminal_name};
use crate::rpc::registry::Entry;
use crate::rpc::stop::{Debugger, Stop, Verdict, Why, set_debugger};
use crate::scope::call_in_new_actor;

/// Stops the actors of this process that are in debug mode where their code crashes, from now on.
pub(crate) fn stop_at_crashes() {
    set_debugger(&Stopper);
}

/// What is done about an actor that stops.
#[derive(Debug)]
struct Stopper;

thread_local! {
    static STANDS: Cell<bool> = const { Cell::new(false) };
}

/// A thread that has stopped, until this is dropped: what happens there meanwhile is no reason to stop, and
/// its actor does not end before.
struct Standing {
    _counted: Counted,
}

impl Standing {
    fn begin(actor: &Actor) -> Option<Self> {
        let stood = STANDS.replace(true);
        (!stood).then(|| Self {
            _counted: actor.owners().hold(),
        })
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        STANDS.set(false);
    }
}

impl Debugger for Stopper {
    fn stop(&self, stop: &Stop<'_>) -> Verdict {
        let actor = try_current_actor().filter(|actor| is_worth_it(stop.why, actor.config()));
        let Some(actor) = actor else {
            return Verdict::Continue;
        };
        let Some(_standing) = Standing::begin(&actor) else {
            return Verdict::Continue;
        };
        let report = Report::of(stop, &actor);
        thread::scope(|scope| {
            let prompt = thread::Builder::new().name("tractor-prompt".to_owned());
            match prompt.spawn_scoped(scope, on_own_thread(|| stand(&report))) {
                Ok(prompt) => prompt.join().unwrap_or(Verdict::Continue),
                Err(_) => tell(&report),
            }
        })
    }

    fn call_again(
        &self,
        entry: &'static Entry,
        args: Bytes,
    ) -> BoxFuture<'static, Result<Result<Bytes>>> {
        call_in_new_actor(entry, args).boxed()
    }
}

fn is_worth_it(why: Why<'_>, config: &Config) -> bool {
    match why {
        Why::Panic(_) | Why::Pause(_) => true,
        Why::Error(error) => is_crash(error, config),
    }
}

/// True of what is no cancellation, and none of the errors that are to be ignored, or no group of these.
fn is_crash(error: &Error, config: &Config) -> bool {
    match error {
        Error::Group(group) => group.errors().iter().any(|error| is_crash(error, config)),
        Error::Remote(remote) if config.ignores(remote.type_name()) => false,
        error => !error.is_cancellation(),
    }
}

/// Waits for the terminal, and says what there is to say.
fn stand(report: &Report) -> Verdict {
    let Some(name) = terminal_name(report.actor.aid()) else {
        return tell(report);
    };
    match Terminal::wait(&name, |_before| {}) {
        // The tree is torn down: nobody wants to know.
        Ok(None) => Verdict::Continue,
        Ok(Some(mut terminal)) if terminal.has_prompt() => {
            talk(&mut terminal, report).unwrap_or_else(|_| tell(report))
        }
        Ok(Some(_)) | Err(_) => tell(report),
    }
}

/// There is somebody to talk to, and nothing to talk with.
#[cfg(not(feature = "debug"))]
fn talk(_: &mut Terminal, report: &Report) -> io::Result<Verdict> {
    let verdict = tell(report);
    if report.is_news {
        print("with the feature `debug` of tractor there is a prompt here\n");
    }
    Ok(verdict)
}

/// Prints a whole report, unless another actor has done so already.
fn tell(report: &Report) -> Verdict {
    if report.is_news {
        print(&report.whole(stderr_takes_colours()));
    }
    Verdict::Continue
}

/// Prints to stderr, in one piece.
fn print(text: &str) {
    // Without its lock, which the thread may hold that has stopped.
    let stderr = io::stderr().as_fd().try_clone_to_owned().map(File::from);
    // Nobody is left who could be told.
    let _ = stderr.and_then(|mut stderr| stderr.write_all(text.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::is_crash;
    use crate::base::{Cancelled, RemoteParts};
    use crate::{Aid, Config, Error, RemoteError};

    fn failed(type_name: &'static str) -> Error {
        let parts = RemoteParts {
            type_name,
            message: "no".to_owned(),
            chain: Vec::new(),
            payload: None,
        };
        RemoteError::new(parts, &Aid::of_this_process("root", 1), "f").into()
    }

    fn cancelled() -> Error {
        Cancelled::new(Aid::of_this_process("root", 1)).into()
    }

    #[test]
    fn group_is_a_crash_if_one_of_it_is() {
        let config = Config::new().debug_ignore("NotFound");
        let crashes = |errors: Vec<Error>| {
            let error = Error::collect(errors).expect("there are some");
            is_crash(&error, &config)
        };
        assert!(crashes(vec![failed("app::Odd")]));
        assert!(!crashes(vec![failed("app::NotFound")]));
        assert!(!crashes(vec![cancelled(), failed("app::NotFound")]));
        assert!(crashes(vec![cancelled(), failed("app::Odd")]));
    }
}

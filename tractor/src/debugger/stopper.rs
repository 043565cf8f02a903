//! What is done about an actor that stops.

use std::cell::Cell;
use std::io::{self, Write};
use std::thread;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

#[cfg(feature = "debug")]
use super::prompt::talk;
use super::report::Report;
use crate::Error;
use crate::base::{Actor, Result, stderr_takes_colours, try_current_actor};
use crate::process::{Terminal, terminal_name};
use crate::rpc::registry::Entry;
use crate::rpc::stop::{Debugger, Stop, Verdict, Why, set_debugger};
use crate::scope::call_in_new_actor;

/// Stops this process where its code crashes, from now on.
pub(crate) fn stop_at_crashes() {
    set_debugger(Stopper);
}

/// What is done about an actor that stops.
struct Stopper;

thread_local! {
    /// Whether this thread has stopped: what happens meanwhile is no reason to stop.
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

impl Debugger for Stopper {
    fn stop(&self, stop: &Stop<'_>) -> Verdict {
        let Some(actor) = try_current_actor().filter(|actor| is_worth_it(stop, actor)) else {
            return Verdict::Continue;
        };
        if STOPPED.replace(true) {
            return Verdict::Continue;
        }
        let report = Report::of(stop, &actor);
        let verdict = thread::scope(|scope| {
            let talk = || {
                STOPPED.set(true);
                stand(stop, &report)
            };
            let talks = thread::Builder::new()
                .name("tractor-prompt".to_owned())
                .spawn_scoped(scope, talk);
            match talks {
                Ok(talks) => talks.join().unwrap_or(Verdict::Continue),
                Err(_) => print(&report.whole(stderr_takes_colours())),
            }
        });
        STOPPED.set(false);
        verdict
    }

    fn call_again(&self, entry: &'static Entry, args: Bytes) -> BoxFuture<'static, Result<Bytes>> {
        call_in_new_actor(entry, args).boxed()
    }
}

/// True of what is no cancellation, and none of the errors that are to be ignored.
fn is_worth_it(stop: &Stop<'_>, actor: &Actor) -> bool {
    match stop.why {
        Why::Panic(_) | Why::Pause(_) => true,
        Why::Error(error) if error.is_cancellation() => false,
        Why::Error(Error::Remote(error)) => !actor.config().ignores(error.type_name()),
        Why::Error(_) => true,
    }
}

/// Waits for the terminal, and says what there is to say.
fn stand(stop: &Stop<'_>, report: &Report) -> Verdict {
    let mut terminal = match terminal_name().map(|name| Terminal::wait(name, |_before| {})) {
        // The tree is torn down: nobody wants to know.
        Some(Ok(None)) => return Verdict::Continue,
        Some(Ok(terminal)) => terminal,
        Some(Err(_)) | None => None,
    };
    match &mut terminal {
        Some(terminal) if terminal.has_prompt() => talk(terminal, report),
        _ if is_news(stop, report) => print(&report.whole(stderr_takes_colours())),
        _ => Verdict::Continue,
    }
}

/// There is somebody to talk to, and nothing to talk with.
#[cfg(not(feature = "debug"))]
fn talk(_: &mut Terminal, report: &Report) -> Verdict {
    let report = report.whole(stderr_takes_colours());
    print(&format!(
        "{report}with the feature `debug` of tractor there is a prompt here\n"
    ))
}

/// False of what another actor has printed already.
fn is_news(stop: &Stop<'_>, report: &Report) -> bool {
    match stop.why {
        Why::Panic(_) => true,
        Why::Error(_) => report.began_here(),
        Why::Pause(_) => false,
    }
}

/// Prints a whole report, in one piece.
fn print(text: &str) -> Verdict {
    // Nobody is left who could be told.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    Verdict::Continue
}

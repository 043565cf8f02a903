//! Panics of user code, caught with everything there is to know about them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

use super::backtrace;
use super::stop::{Stopped, Why, debugger, stop};
use crate::base::PanicReport;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Option<Box<Caught>>> = const { RefCell::new(None) };
}

/// A panic that was caught.
#[derive(Debug, Default)]
pub(crate) struct Caught {
    pub(crate) report: PanicReport,
    /// The call that is to be made once more, in debug mode.
    pub(super) again: Option<Stopped>,
}

impl fmt::Display for Caught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it panicked: {}", self.report.message)
    }
}

/// Runs `body`; a panic of it is reported here instead of on stderr.
pub(crate) fn catch<T>(body: impl FnOnce() -> T) -> Result<T, Box<Caught>> {
    install_hook();
    let outer = CATCHING.replace(true);
    // What an earlier panic left that nobody reported, because user code had caught it itself.
    SEEN.take();
    // What `body` refers to is dropped after a panic, not used again.
    let result = catch_unwind(AssertUnwindSafe(body));
    CATCHING.set(outer);
    result.map_err(|payload| match payload.downcast::<Caught>() {
        // It was caught on another thread, and resumed here.
        Ok(caught) => caught,
        Err(payload) => {
            let message = message(payload.as_ref());
            // A panic that is resumed runs no hook: what was seen may be another one.
            let seen = SEEN.take().filter(|seen| seen.report.message == message);
            seen.unwrap_or_else(|| {
                let mut caught = Box::<Caught>::default();
                caught.report.message = message;
                caught
            })
        }
    })
}

/// True inside of [`catch`].
pub(super) fn is_catching() -> bool {
    CATCHING.get()
}

/// Sees every panic of this process from now on.
pub(super) fn install_hook() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let debugged = debugger().is_some();
            let caught = CATCHING.get() && cfg!(panic = "unwind");
            if !caught {
                previous(info);
            }
            if caught || debugged {
                let report = report(info, debugged);
                let again = stop(Why::Panic(&report));
                if caught {
                    SEEN.set(Some(Box::new(Caught { report, again })));
                }
            }
        }));
    });
}

fn report(info: &PanicHookInfo<'_>, debugged: bool) -> PanicReport {
    PanicReport {
        message: message(info.payload()),
        location: info.location().map(ToString::to_string),
        backtrace: backtrace::of_panic(debugged),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without a text".to_owned(),
    }
}

//! Panics of user code, caught with everything there is to know about them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

use super::backtrace;
use super::stop::{Why, debugger, stop};
use crate::base::PanicReport;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Option<PanicReport>> = const { RefCell::new(None) };
}

/// Runs `body`; a panic of it is reported here instead of on stderr.
pub(super) fn catch<T>(body: impl FnOnce() -> T) -> Result<T, PanicReport> {
    install_hook();
    let outer = CATCHING.replace(true);
    // What an earlier panic left that nobody reported, because user code had caught it itself.
    SEEN.take();
    // What `body` refers to is dropped after a panic, not used again.
    let result = catch_unwind(AssertUnwindSafe(body));
    CATCHING.set(outer);
    result.map_err(|payload| match payload.downcast::<PanicReport>() {
        // It was caught on another thread, and resumed here.
        Ok(report) => *report,
        Err(payload) => {
            let message = message(payload.as_ref());
            // A panic that is resumed runs no hook: what was seen may be another one.
            let seen = SEEN.take().filter(|seen| seen.message == message);
            seen.unwrap_or_else(|| PanicReport {
                message,
                ..PanicReport::default()
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
                stop(Why::Panic(&report));
                SEEN.set(caught.then_some(report));
            }
        }));
    });
}

fn report(info: &PanicHookInfo<'_>, debugged: bool) -> PanicReport {
    PanicReport {
        message: message(info.payload()),
        location: info.location().map(ToString::to_string),
        backtrace: backtrace::capture(debugged),
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

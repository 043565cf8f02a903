//! What a `main` can return.

use std::process::ExitCode;

use crate::base::{Error, stderr_takes_colours};

/// What the body of [`run`](crate::run) or of `#[tractor::main]` returns.
///
/// The runtime itself can fail to start, for example because an environment variable holds
/// garbage; this says how the body's return type tells that.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from the root of a tree of actors",
    label = "cannot tell that the runtime did not start",
    note = "return `Result<T, E>` with `E: From<tractor::Error>`, `std::process::ExitCode` or `()`"
)]
pub trait Outcome {
    /// The outcome when the runtime could not start.
    fn from_error(error: Error) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E: From<Error>> Outcome for Result<T, E> {
    fn from_error(error: Error) -> Self {
        Err(error.into())
    }
}

impl Outcome for ExitCode {
    fn from_error(error: Error) -> Self {
        print(&error);
        Self::FAILURE
    }
}

/// Ends the process: a `main` that returns nothing has no other way to tell.
impl Outcome for () {
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing of the tree has been started yet"
    )]
    fn from_error(error: Error) {
        print(&error);
        std::process::exit(1);
    }
}

/// Prints what std does when `main` returns an error.
fn print(error: &Error) {
    let report = error.report();
    let report = match stderr_takes_colours() {
        true => report.coloured(),
        false => report,
    };
    eprintln!("Error: {report}");
}

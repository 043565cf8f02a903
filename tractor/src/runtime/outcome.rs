//! What a `main` can return.

use std::any::{Any, type_name};
use std::fmt::Debug;
use std::process::ExitCode;

use crate::base::{Actor, Error, RemoteError, RemoteParts, stderr_takes_colours};

/// What the body of [`run`](crate::run) or of `#[tractor::main]` returns.
///
/// The runtime itself can fail to start, for example because an environment variable holds
/// garbage; this says how the body's return type tells that.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from the root of a tree of actors",
    label = "cannot tell that the runtime did not start",
    note = "return `Result<T, E>` with `E: From<tractor::Error> + Debug`, `std::process::ExitCode` or `()`"
)]
pub trait Outcome {
    /// The outcome when the runtime could not start.
    fn from_error(error: Error) -> Self;

    /// The failure that it tells of, as that of `root`: in debug mode, the root stops for it.
    fn failure(&self, _root: &Actor) -> Option<Error> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: From<Error> + Debug + 'static> Outcome for Result<T, E> {
    fn from_error(error: Error) -> Self {
        Err(error.into())
    }

    fn failure(&self, root: &Actor) -> Option<Error> {
        let error = self.as_ref().err()?;
        if let Some(error) = (error as &dyn Any).downcast_ref::<Error>() {
            return Some(error.clone());
        }
        let parts = RemoteParts {
            type_name: type_name::<E>(),
            message: format!("{error:?}"),
            chain: Vec::new(),
            payload: None,
        };
        Some(RemoteError::new(parts, root.aid(), "main").into())
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

#[cfg(test)]
mod tests {
    use std::error::Error as StdError;

    use super::Outcome;
    use crate::base::{Actor, ConfigError, Image};
    use crate::{Aid, Config, Error};

    type Boxed = Box<dyn StdError>;

    #[test]
    fn failure_of_any_type_is_told() {
        let aid = Aid::of_this_process("root", 1);
        let config = Config::new();
        let root = Actor::root(aid, &config, config.clone(), Image::of_this_program());
        assert!(Ok::<_, Boxed>(1).failure(&root).is_none());
        assert!(().failure(&root).is_none());
        let own = Err::<u8, Error>(ConfigError::new("odd").into());
        assert!(matches!(own.failure(&root), Some(Error::Config(_))));
        let other = Err::<u8, Boxed>("odd".into()).failure(&root);
        let Some(Error::Remote(error)) = other else {
            panic!("not told: {other:?}");
        };
        assert_eq!((error.message(), error.origin()), ("\"odd\"", root.aid()));
    }
}

//! An error of any type, turned into one that can travel.
//!
//! What can be had of an error depends on its type: its bytes when it is serializable, its sources
//! when it is an [`Error`]. A function whose error type is concrete can be asked without
//! specialisation, by method resolution at the place where the type is known: of two traits with
//! one method the first that fits the least referenced receiver wins. So the macro writes
//!
//! ```text
//! let probe = Probe(&error);
//! capture(&error, (&probe).payload(), (&&probe).root())
//! ```
//!
//! with the traits below in scope. In a generic function it would always find the last ones.

use std::any::type_name;
use std::error::Error;
use std::iter::successors;

use serde::Serialize;

use super::outcome::Failure;
use crate::base::{Raised, RemoteParts};
use crate::{Error as TractorError, ErrorGroup, RemoteError};

/// An error that is asked what else it can do.
pub struct Probe<'e, E>(pub &'e E);

/// The bytes of an error that is serializable.
pub trait SerializablePayload {
    /// The encoded error.
    fn payload(&self) -> Option<Vec<u8>>;
}

impl<E: Serialize> SerializablePayload for Probe<'_, E> {
    fn payload(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self.0).ok()
    }
}

/// No bytes.
pub trait NoPayload {
    /// Nothing.
    fn payload(&self) -> Option<Vec<u8>>;
}

impl<E> NoPayload for &Probe<'_, E> {
    fn payload(&self) -> Option<Vec<u8>> {
        None
    }
}

/// The error itself, when it is one.
pub trait ErrorRoot<'e> {
    /// Where its chain of sources starts.
    fn root(&self) -> Option<&'e (dyn Error + 'static)>;
}

impl<'e, E: Error + 'static> ErrorRoot<'e> for &Probe<'e, E> {
    fn root(&self) -> Option<&'e (dyn Error + 'static)> {
        Some(self.0)
    }
}

/// The error inside a box, or in what `anyhow` and `eyre` have for one.
pub trait BoxedRoot<'e> {
    /// Where its chain of sources starts.
    fn root(&self) -> Option<&'e (dyn Error + 'static)>;
}

impl<'e, E: AsRef<dyn Error + Send + Sync>> BoxedRoot<'e> for &&Probe<'e, E> {
    fn root(&self) -> Option<&'e (dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}

/// A failure that is no error: text without sources.
pub trait NoRoot<'e> {
    /// Nothing.
    fn root(&self) -> Option<&'e (dyn Error + 'static)>;
}

impl<'e, E> NoRoot<'e> for Probe<'e, E> {
    fn root(&self) -> Option<&'e (dyn Error + 'static)> {
        None
    }
}

/// Captures `error`, whose chain of sources starts at `root`.
///
/// An error that came from another actor is relayed as it is, wherever in the chain it is found:
/// its origin, type and value must survive the hop (E1). So is each member of a group.
pub fn capture<E: Failure>(
    error: &E,
    payload: Option<Vec<u8>>,
    root: Option<&(dyn Error + 'static)>,
) -> Raised {
    let mut context = Vec::new();
    for error in chain(root) {
        if let Some(remote) = relayed(error) {
            return Raised::relayed(remote.clone(), context);
        }
        if let Some(group) = grouped(error) {
            return Raised::group(group.errors().iter().map(member), context);
        }
        context.push(error.to_string());
    }
    Raised::fresh(RemoteParts {
        type_name: type_name::<E>(),
        message: error.to_string(),
        chain: chain(root).skip(1).map(ToString::to_string).collect(),
        payload,
    })
}

/// The error at `root`, its source, the source of that, and so on.
fn chain<'e>(
    root: Option<&'e (dyn Error + 'static)>,
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    // A chain that long is a cycle; it must not keep the actor busy for ever.
    const LONGEST: usize = 1024;
    successors(root, |&error| error.source()).take(LONGEST)
}

/// The remote error that `error` is.
fn relayed<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e RemoteError> {
    match error.downcast_ref() {
        Some(TractorError::Remote(remote)) => Some(remote),
        Some(_) => None,
        None => error.downcast_ref(),
    }
}

/// The group that `error` is.
fn grouped<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e ErrorGroup> {
    match error.downcast_ref() {
        Some(TractorError::Group(group)) => Some(group),
        Some(_) => None,
        None => error.downcast_ref(),
    }
}

/// A member of a group, as if it were alone.
fn member(error: &TractorError) -> Raised {
    capture(error, Probe(error).payload(), Some(error))
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::num::ParseIntError;

    use anyhow::Context;
    use serde::{Deserialize, Serialize};

    use crate::base::ConfigError;
    use crate::rpc::{IntoCall, Rpc};
    use crate::{Aid, Error, RemoteError};

    /// The error of `call`, as it leaves an actor.
    async fn fail<F: Rpc<Args = ()>>(call: impl IntoCall<F>) -> RemoteError {
        let Err(raised) = F::settle(call.into_call().await) else {
            panic!("`{}` should fail", F::PATH);
        };
        match raised.leaves(&Aid::of_this_process("root", 1), F::PATH) {
            Error::Remote(error) => error,
            other => panic!("not Error::Remote but {other}"),
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Typed(u8);

    impl fmt::Display for Typed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "typed {}", self.0)
        }
    }

    #[crate::rpc(crate = crate)]
    async fn typed() -> Result<(), Typed> {
        Err(Typed(7))
    }

    #[tokio::test]
    async fn a_serializable_error_comes_back_typed() {
        let error = fail(typed).await;
        assert_eq!(error.message(), "typed 7");
        assert_eq!(error.chain().count(), 0);
        assert_eq!(error.downcast::<Typed>().unwrap(), Typed(7));
    }

    #[crate::rpc(crate = crate)]
    async fn standard() -> Result<u8, ParseIntError> {
        "x".parse()
    }

    #[tokio::test]
    async fn any_other_error_comes_back_as_text() {
        let error = fail(standard).await;
        assert_eq!(error.message(), "invalid digit found in string");
        assert_eq!(error.type_name(), std::any::type_name::<ParseIntError>());
        assert!(error.downcast::<Typed>().is_err());
    }

    #[crate::rpc(crate = crate)]
    async fn with_context() -> anyhow::Result<u8> {
        "x".parse().context("parsing").context("loading")
    }

    #[tokio::test]
    async fn an_error_keeps_its_chain() {
        let error = fail(with_context).await;
        assert_eq!(error.message(), "loading");
        let chain: Vec<_> = error.chain().collect();
        assert_eq!(chain, ["parsing", "invalid digit found in string"]);
    }

    #[crate::rpc(crate = crate)]
    async fn boxed() -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
        Err(with_context().await.unwrap_err().into())
    }

    #[tokio::test]
    async fn a_boxed_error_keeps_its_chain() {
        let error = fail(boxed).await;
        assert_eq!(error.message(), "loading");
        assert_eq!(error.chain().count(), 2);
    }

    #[crate::rpc(crate = crate)]
    async fn relays() -> crate::Result<u8> {
        Err(fail(typed).await.into())
    }

    #[crate::rpc(crate = crate)]
    async fn relays_with_context() -> anyhow::Result<u8> {
        relays().await.context("asking")
    }

    #[tokio::test]
    async fn an_error_of_another_actor_is_relayed() {
        for error in [fail(relays).await, fail(relays_with_context).await] {
            assert_eq!(error.function(), typed::PATH);
            assert_eq!(error.relay_path().len(), 1);
            assert_eq!(error.downcast::<Typed>().unwrap(), Typed(7));
        }
    }

    #[crate::rpc(crate = crate)]
    async fn group() -> crate::Result<u8> {
        let inner = vec![fail(typed).await.into(), ConfigError::new("odd").into()];
        let inner = Error::collect(inner).unwrap();
        let several = vec![inner, fail(with_context).await.into()];
        Err(Error::collect(several).unwrap())
    }

    #[crate::rpc(crate = crate)]
    async fn group_with_context() -> anyhow::Result<u8> {
        group().await.context("asking")
    }

    #[tokio::test]
    async fn members_of_a_group_climb_each_for_itself() {
        for (call, context) in [
            (group::settle(group().await), None),
            (
                group_with_context::settle(group_with_context().await),
                Some("asking"),
            ),
        ] {
            let aid = Aid::of_this_process("root", 2);
            let Error::Group(group) = call.unwrap_err().leaves(&aid, "f") else {
                panic!("not a group");
            };
            let [
                Error::Remote(first),
                Error::Remote(second),
                Error::Remote(third),
            ] = group.errors()
            else {
                panic!("{group}");
            };
            for error in [first, third] {
                assert_eq!(error.relay_path(), std::slice::from_ref(&aid));
                assert_eq!(error.context().next(), context);
            }
            assert_eq!(first.clone().downcast::<Typed>().unwrap(), Typed(7));
            assert_eq!(third.chain().count(), 2);
            assert_eq!(second.type_name(), "tractor::Error");
            assert_eq!((second.function(), second.origin()), ("f", &aid));
            assert_eq!(second.context().next(), context);
            let original = second.clone().downcast::<Error>().unwrap();
            assert!(matches!(original, Error::Config(_)), "{original}");
        }
    }
}

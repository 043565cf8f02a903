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
use crate::{Error as TractorError, RemoteError};

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
/// its origin, type and value must survive the hop (E1).
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

//! An error on its way out of the function that returned it.

use super::RemoteError;
use super::remote::RemoteParts;
use crate::base::Aid;

/// An error on its way out of the function that returned it; once it has left an actor, it is a
/// [`RemoteError`].
#[derive(Debug)]
pub struct Raised(Kind);

#[derive(Debug)]
enum Kind {
    Fresh(RemoteParts),
    Relayed {
        error: RemoteError,
        context: Vec<String>,
    },
}

impl Raised {
    /// An error that began here.
    pub(crate) fn fresh(parts: RemoteParts) -> Self {
        Self(Kind::Fresh(parts))
    }

    /// An error that came from another actor, and what this one says about it, outermost first.
    pub(crate) fn relayed(error: RemoteError, context: Vec<String>) -> Self {
        Self(Kind::Relayed { error, context })
    }

    /// The error, as it leaves `function` in `aid`.
    pub(crate) fn leaves(self, aid: &Aid, function: &str) -> RemoteError {
        match self.0 {
            Kind::Fresh(parts) => RemoteError::new(parts, aid, function),
            Kind::Relayed { error, context } => error.relayed_by(aid, context),
        }
    }
}

//! An error on its way out of the function that returned it.

use super::remote::RemoteParts;
use super::{Error, RemoteError};
use crate::base::Aid;

/// An error on its way out of the function that returned it; once it has left an actor, it is a
/// [`RemoteError`], or a group of them.
#[derive(Debug)]
pub struct Raised {
    /// The error itself, or the members of a group.
    errors: Vec<Kind>,
    /// What this actor says about it, outermost first.
    context: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    Fresh(RemoteParts),
    Relayed(RemoteError),
}

impl Raised {
    /// An error that began here.
    pub(crate) fn fresh(parts: RemoteParts) -> Self {
        Self {
            errors: vec![Kind::Fresh(parts)],
            context: Vec::new(),
        }
    }

    /// An error that came from another actor, and what this one says about it, outermost first.
    pub(crate) fn relayed(error: RemoteError, context: Vec<String>) -> Self {
        Self {
            errors: vec![Kind::Relayed(error)],
            context,
        }
    }

    /// Several errors at once, which stay apart, and what this actor says about them.
    pub(crate) fn group(members: impl IntoIterator<Item = Self>, context: Vec<String>) -> Self {
        let errors = members.into_iter().flat_map(|member| member.errors);
        Self {
            errors: errors.collect(),
            context,
        }
    }

    /// The error, as it leaves `function` in `aid`.
    pub(crate) fn leaves(self, aid: &Aid, function: &str) -> Error {
        let Self { errors, context } = self;
        let left = errors.into_iter().map(|kind| match kind {
            Kind::Fresh(parts) => {
                let error = RemoteError::new(parts, aid, function);
                error.within(context.clone()).into()
            }
            Kind::Relayed(error) => error.relayed_by(aid, context.clone()).into(),
        });
        Error::collect(left.collect()).expect("a group has members")
    }
}

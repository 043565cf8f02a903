//! The chain of an error's sources, as text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest chain that is kept; dropping a linked list recurses, so it has to be bounded (W1).
const MAX_CAUSES: usize = 128;

/// The texts of an error's sources, the nearest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub(super) struct Chain(Option<Box<Cause>>);

/// One source, which is an error itself, so that `source()` can walk the chain.
#[derive(Debug, Clone)]
pub(super) struct Cause {
    message: String,
    cause: Chain,
}

impl Chain {
    pub(super) fn first(&self) -> Option<&Cause> {
        self.0.as_deref()
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(self.first(), |cause| cause.cause.first())
            .map(|cause| cause.message.as_str())
    }
}

impl From<Vec<String>> for Chain {
    fn from(mut messages: Vec<String>) -> Self {
        // One more is a chain that was cut before, with the line that says so.
        if messages.len() > MAX_CAUSES + 1 {
            let left_out = messages.len() - MAX_CAUSES;
            messages.truncate(MAX_CAUSES);
            messages.push(format!("({left_out} more causes left out)"));
        }
        let nest = |cause, message| Self(Some(Box::new(Cause { message, cause })));
        messages.into_iter().rev().fold(Self::default(), nest)
    }
}

impl From<Chain> for Vec<String> {
    fn from(chain: Chain) -> Self {
        chain.messages().map(str::to_owned).collect()
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.cause.first()?;
        Some(cause)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

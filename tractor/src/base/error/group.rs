//! Several failures at the same time.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::Error;
use crate::base::nesting::nested;

/// Several failures at the same time; never fewer than two.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorGroup {
    #[serde(deserialize_with = "shallow")]
    errors: Vec<Error>,
}

/// How deep groups may nest on the wire.
const MAX_DEPTH: usize = 16;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn shallow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Error>, D::Error> {
    let errors: Vec<_> = nested(deserializer, &DEPTH, MAX_DEPTH, "error groups")?;
    match errors.len() {
        ..2 => Err(serde::de::Error::custom("a group of less than two")),
        _ => Ok(errors),
    }
}

impl ErrorGroup {
    pub(crate) fn new(errors: Vec<Error>) -> Self {
        Self { errors }
    }

    pub(super) fn into_errors(self) -> Vec<Error> {
        self.errors
    }

    /// The failures, in the order in which they were observed.
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }
}

impl std::error::Error for ErrorGroup {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.errors.first().and_then(std::error::Error::source)
    }
}

impl fmt::Display for ErrorGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failures", self.errors.len())?;
        let mut separator = ": ";
        for error in &self.errors {
            write!(f, "{separator}{error}")?;
            separator = "; ";
        }
        Ok(())
    }
}

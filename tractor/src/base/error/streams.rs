//! The failures of streams.

use serde::{Deserialize, Serialize};

use crate::base::Aid;

/// A stream takes no more items: it was closed here, or its function has returned.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("the stream of `{function}` takes no more items: it is closed, or its call has ended")]
pub struct StreamClosed {
    function: String,
}

impl StreamClosed {
    pub(crate) fn new(function: &str) -> Self {
        Self {
            function: function.to_owned(),
        }
    }

    /// The path of the function whose call has ended.
    pub fn function(&self) -> &str {
        &self.function
    }
}

/// Both ends of a stream wait to send, and neither reads.
///
/// Read while you send, for instance with [`split`](crate::ContextStream::split), or let one side
/// finish before the other answers.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error(
    "{here} and {there} wait for each other in the stream of `{function}`: both send, and neither \
     reads what the other has sent"
)]
pub struct Deadlock {
    function: String,
    here: Aid,
    there: Aid,
}

impl Deadlock {
    pub(crate) fn new(function: &str, here: Aid, there: Aid) -> Self {
        Self {
            function: function.to_owned(),
            here,
            there,
        }
    }

    /// The path of the function that was called.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The two actors, first the one where the error arose.
    pub fn actors(&self) -> [&Aid; 2] {
        [&self.here, &self.there]
    }
}

/// The other end of a stream does not read fast enough for [`Overrun::Error`].
///
/// [`Overrun::Error`]: crate::Overrun::Error
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error(
    "{reader} has not read `stream_window` ({window} bytes) of what the stream of `{function}` has \
     sent"
)]
pub struct OverrunError {
    function: String,
    reader: Aid,
    window: usize,
}

impl OverrunError {
    pub(crate) fn new(function: &str, reader: Aid, window: usize) -> Self {
        Self {
            function: function.to_owned(),
            reader,
            window,
        }
    }

    /// The path of the function that was called.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The actor that does not read fast enough.
    pub fn reader(&self) -> &Aid {
        &self.reader
    }
}

/// A [`Subscription`](crate::Subscription) was too slow, and has missed items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("a subscriber was too slow, and has missed {missed} items")]
pub struct Lagged {
    missed: u64,
}

impl Lagged {
    pub(crate) fn new(missed: u64) -> Self {
        Self { missed }
    }

    /// The number of items between the last one that was read and the next.
    pub fn missed(self) -> u64 {
        self.missed
    }
}

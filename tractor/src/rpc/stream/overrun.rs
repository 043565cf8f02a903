//! What a sender does that is ahead of its reader.

/// What a sender does when the other end of the stream does not keep up: when
/// [`stream_window`](crate::Config::stream_window) bytes are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overrun {
    /// It waits: nothing is lost.
    #[default]
    Backpressure,
    /// Sending fails with [`Error::Overrun`](crate::Error::Overrun).
    Error,
    /// It keeps as much as the window again, and drops the oldest items that have not left yet: the
    /// newest arrive. [`dropped`](crate::ContextStream::dropped) counts.
    DropOldest,
}

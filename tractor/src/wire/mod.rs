//! Messages and their bytes: pure, without I/O, clock or tokio.
//!
//! A frame is a little-endian `u32` length, then that many bytes: one byte for the kind of
//! message, its fixed-width fields, and a body that runs to the end of the frame.
//!
//! ```text
//! ┌─────────┬──────┬───────────────┬──────────────────────┐
//! │ len u32 │ kind │ fixed fields  │ body: postcard bytes │
//! └─────────┴──────┴───────────────┴──────────────────────┘
//! ```
//!
//! Invariant W1: decoding never allocates from an unchecked length and never panics; what does
//! not parse is one [`Violation`].

mod decoder;
mod encoder;
mod handshake;
mod lending;
mod message;
mod outbox;
mod violation;

pub(crate) use self::decoder::Decoder;
pub(crate) use self::encoder::{Content, EncodeError, Encoder, content, encode, encode_item};
pub(crate) use self::handshake::{Handed, Hello, Spec, VERSION};
pub(crate) use self::lending::{LEAST, borrow, lend};
pub(crate) use self::message::{CallId, End, FunctionId, Kind, Message, StreamId, Terms, Wait};
pub(crate) use self::outbox::Outbox;
pub(crate) use self::violation::Violation;

#[cfg(test)]
mod tests;

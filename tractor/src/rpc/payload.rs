//! The arguments of a call on its way.

use std::fmt;
use std::sync::Arc;

use super::Rpc;
use super::args::Arguments;
use crate::base::{CodecError, CodecSide, Error, Result};
use crate::wire::{EncodeError, Encoder};

/// The arguments of a call.
pub(super) enum Payload<F: Rpc> {
    /// As values: encoded straight into the link's buffer.
    Values(F::Args),
    /// Encoded once, to be sent several times.
    Encoded(Arc<[u8]>),
}

impl<F: Rpc> Payload<F> {
    /// Writes the arguments into a frame.
    pub(super) fn write(&self, frame: &mut Encoder<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Values(args) => frame.value(&Arguments(args)),
            Self::Encoded(bytes) => frame.encoded(bytes),
        }
    }

    /// Encodes the arguments, so that they can be sent more than once.
    pub(super) fn encode(&mut self) -> Result<Arc<[u8]>> {
        let encoded: Arc<[u8]> = match self {
            Self::Values(args) => postcard::to_stdvec(&Arguments(&*args))
                .map_err(encode_error::<F>)?
                .into(),
            Self::Encoded(encoded) => encoded.clone(),
        };
        *self = Self::Encoded(encoded.clone());
        Ok(encoded)
    }
}

/// What a call fails with whose arguments do not encode.
pub(super) fn encode_error<F: Rpc>(error: impl fmt::Display) -> Error {
    CodecError::new::<F::Args>(F::PATH, CodecSide::EncodeArguments, error).into()
}

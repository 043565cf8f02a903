//! Values that do not travel: they are too large, or fail at it.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[tractor::rpc]
pub(crate) async fn zeros(bytes: usize) -> Vec<u8> {
    vec![0; bytes]
}

#[tractor::rpc]
pub(crate) async fn long_error(bytes: usize) -> Result<(), String> {
    Err("x".repeat(bytes))
}

/// What a `Serialize` or `Deserialize` by hand may do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Touchy {
    Fine,
    FailsToWrite,
    PanicsOnWrite,
    FailsToRead,
    PanicsOnRead,
}

impl Serialize for Touchy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::FailsToWrite => Err(S::Error::custom("will not be written")),
            Self::PanicsOnWrite => panic!("must not be written"),
            _ => serializer.serialize_u8(*self as u8),
        }
    }
}

impl<'de> Deserialize<'de> for Touchy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            byte if byte == Self::FailsToRead as u8 => Err(D::Error::custom("will not be read")),
            byte if byte == Self::PanicsOnRead as u8 => panic!("must not be read"),
            _ => Ok(Self::Fine),
        }
    }
}

#[tractor::rpc]
pub(crate) async fn touch(_it: Touchy) {}

#[tractor::rpc]
pub(crate) async fn touchy(mode: u8) -> Touchy {
    match mode {
        1 => Touchy::FailsToWrite,
        2 => Touchy::PanicsOnWrite,
        3 => Touchy::FailsToRead,
        4 => Touchy::PanicsOnRead,
        _ => Touchy::Fine,
    }
}

//! A value that can cross a process boundary.

use std::any::Any;
use std::fmt;

use bytes::Bytes;
use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::{LEAST, borrow, lend};

/// A value that can cross a process boundary: owned, and `serde` can write and read it.
///
/// It holds of every type that can; there is nothing to implement.
//
// `Serialize` and `DeserializeOwned` are no supertraits: of a type that is neither, rustc would
// report each of them where an associated type is bound by `Wire`, in serde's words. Wrapped in
// `Value`, a `Wire` value is both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross a process boundary",
    label = "cannot be sent to another process",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it, or for what it holds, and let it own its data"
)]
pub trait Wire: Sized + 'static {
    /// Writes the value.
    #[doc(hidden)]
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    #[doc(hidden)]
    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + 'static> Wire for T {
    #[inline]
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    #[inline]
    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// Reads a value of a whole frame, with which it may share large byte strings.
pub(super) fn decode<T: DeserializeOwned>(frame: &Bytes) -> postcard::Result<T> {
    match frame.len() {
        ..LEAST => postcard::from_bytes(frame),
        _ => lend(frame, || postcard::from_bytes(frame)),
    }
}

/// A [`Wire`] value as `serde` takes it: `Value(&value)` to write, `Value<T>` to read.
#[derive(Debug)]
pub(crate) struct Value<T>(pub(crate) T);

impl<T: Wire> Serialize for Value<&T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0 as &dyn Any).downcast_ref::<Bytes>() {
            Some(bytes) if bytes.len() >= LEAST => lend(bytes, || self.0.pack(serializer)),
            _ => self.0.pack(serializer),
        }
    }
}

impl<'de, T: Wire> Deserialize<'de> for Value<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = None::<T>;
        if let Some(bytes) = (&mut value as &mut dyn Any).downcast_mut::<Option<Bytes>>() {
            *bytes = Some(deserializer.deserialize_bytes(SharedBytes)?);
        } else {
            value = Some(T::unpack(deserializer)?);
        }
        Ok(Self(value.expect("it was read")))
    }
}

/// Reads a byte string, as a part of its frame if it is large.
struct SharedBytes;

impl<'de> Visitor<'de> for SharedBytes {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Bytes, E> {
        Ok(borrow(bytes).unwrap_or_else(|| Bytes::copy_from_slice(bytes)))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes::copy_from_slice(bytes))
    }
}

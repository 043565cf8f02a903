//! A value that can cross a process boundary.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
pub trait Wire: Sized {
    /// Writes the value.
    #[doc(hidden)]
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    #[doc(hidden)]
    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Wire for T {
    #[inline]
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    #[inline]
    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// A [`Wire`] value as `serde` takes it: `Value(&value)` to write, `Value<T>` to read.
#[derive(Debug)]
pub(crate) struct Value<T>(pub(crate) T);

impl<T: Wire> Serialize for Value<&T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.pack(serializer)
    }
}

impl<'de, T: Wire> Deserialize<'de> for Value<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::unpack(deserializer).map(Self)
    }
}

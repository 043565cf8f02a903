//! The arguments of a call.

use std::fmt;
use std::marker::PhantomData;

use std::sync::Arc;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Wire;
use super::registry::Entry;
use super::wire::Value;
use crate::base;
use crate::wire::{Content, content};

/// The arguments of a call: a tuple of up to 16 [`Wire`] values.
//
// It has no supertrait, for the reason given at `Wire`. Wrapped in `Arguments`, it is `Serialize`
// and `Deserialize`.
pub trait Args: Sized + Send + 'static {
    /// Writes the arguments.
    #[doc(hidden)]
    fn pack<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads arguments.
    #[doc(hidden)]
    fn unpack<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// [`Args`] as `serde` takes them: `Arguments(&args)` to write, `Arguments<A>` to read.
#[derive(Debug)]
pub(crate) struct Arguments<A>(pub(crate) A);

impl<A: Args> Serialize for Arguments<&A> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.pack(serializer)
    }
}

impl<'de, A: Args> Deserialize<'de> for Arguments<A> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        A::unpack(deserializer).map(Self)
    }
}

/// The arguments of a call of `function`, encoded once, to be sent several times.
pub(super) fn encode(function: &Entry, args: &mut Content<'_>) -> base::Result<Arc<[u8]>> {
    match content(args) {
        Ok(encoded) => Ok(encoded.into()),
        Err(error) => Err(function.cannot_encode(&error).into()),
    }
}

/// Visits a tuple; each implementation for one length.
struct Tuple<A>(PhantomData<A>);

macro_rules! one {
    ($ty:ident) => {
        1
    };
}

macro_rules! tuple {
    ($($ty:ident $value:ident)*) => {
        impl<$($ty: Wire + Send + 'static),*> Args for ($($ty,)*) {
            #[inline]
            fn pack<Ser: Serializer>(&self, serializer: Ser) -> Result<Ser::Ok, Ser::Error> {
                let ($($value,)*) = self;
                #[allow(unused_mut, reason = "a tuple may be empty")]
                let mut tuple = serializer.serialize_tuple(0 $(+ one!($ty))*)?;
                $(tuple.serialize_element(&Value($value))?;)*
                tuple.end()
            }

            #[inline]
            fn unpack<'de, De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                deserializer.deserialize_tuple(0 $(+ one!($ty))*, Tuple::<Self>(PhantomData))
            }
        }

        impl<'de, $($ty: Wire),*> Visitor<'de> for Tuple<($($ty,)*)> {
            type Value = ($($ty,)*);

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} arguments", 0 $(+ one!($ty))*)
            }

            #[inline]
            #[allow(unused_mut, unused_variables, reason = "a tuple may be empty")]
            fn visit_seq<Seq: SeqAccess<'de>>(self, mut seq: Seq) -> Result<Self::Value, Seq::Error> {
                $(
                    let Some(Value($value)) = seq.next_element()? else {
                        return Err(Seq::Error::custom("arguments are missing"));
                    };
                )*
                Ok(($($value,)*))
            }
        }
    };
}

macro_rules! tuples {
    ([$($shorter:ident)*]) => {
        tuple! { $($shorter)* }
    };
    ([$($shorter:ident)*] $ty:ident $value:ident $($rest:ident)*) => {
        tuple! { $($shorter)* }
        tuples! { [$($shorter)* $ty $value] $($rest)* }
    };
}

tuples! { [] A a B b C c D d E e F f G g H h I i J j K k L l M m N n O o P p }

#[cfg(test)]
mod tests {
    use super::Arguments;

    #[test]
    fn arguments_are_encoded_as_a_plain_tuple() {
        let args = (7_u8, "a".to_owned(), vec![1_u32, 2]);
        let bytes = postcard::to_stdvec(&Arguments(&args)).unwrap();
        assert_eq!(bytes, postcard::to_stdvec(&args).unwrap());

        let Arguments(read) =
            postcard::from_bytes::<Arguments<(u8, String, Vec<u32>)>>(&bytes).unwrap();
        assert_eq!(read, args);
    }

    #[test]
    fn no_arguments_need_no_bytes() {
        assert!(postcard::to_stdvec(&Arguments(&())).unwrap().is_empty());
        let Arguments(()) = postcard::from_bytes(&[]).unwrap();
    }

    #[test]
    fn missing_arguments_are_refused() {
        assert!(postcard::from_bytes::<Arguments<(u8, u8)>>(&[1]).is_err());
    }
}

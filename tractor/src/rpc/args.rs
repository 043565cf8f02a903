//! The arguments of a call.

use super::Wire;

/// The arguments of a call: a tuple of up to 16 [`Wire`] values.
pub trait Args: Wire {}

macro_rules! tuples {
    ($($first:ident $($rest:ident)*)?) => {
        $(
            impl<$first: Wire, $($rest: Wire),*> Args for ($first, $($rest,)*) {}
            tuples! { $($rest)* }
        )?
    };
}

impl Args for () {}
tuples! { A B C D E F G H I J K L M N O P }

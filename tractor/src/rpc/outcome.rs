//! What a function returns, taken apart.

use std::fmt::{Debug, Display};

/// A return type that is written as some `Result`: an alias of [`Result`], whatever it is called.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is called `Result` but is not `std::result::Result`",
    label = "a remote function that can fail returns `std::result::Result`",
    note = "use `Result` or an alias of it, or give the type another name"
)]
pub trait Fallible {
    /// What it is when it succeeds.
    type Success;
    /// What it is when it fails.
    type Failure;

    /// The value itself, as the compiler knows it.
    ///
    /// # Errors
    ///
    /// The value's own.
    fn split(self) -> Result<Self::Success, Self::Failure>;
}

impl<T, E> Fallible for Result<T, E> {
    type Success = T;
    type Failure = E;

    fn split(self) -> Self {
        self
    }
}

/// An error of a remote function: anything that can be read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a remote function",
    label = "must implement `Display` and `Debug`",
    note = "an error travels as text: implement `std::fmt::Display` and `std::fmt::Debug` for it",
    note = "if it also implements `serde::Serialize` and `serde::Deserialize`, the caller can `downcast` to it"
)]
pub trait Failure: Display + Debug {}

#[diagnostic::do_not_recommend]
impl<E: Display + Debug> Failure for E {}

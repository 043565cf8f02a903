//! Structured concurrency for processes.

mod base;
mod macros;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod rpc;

pub use crate::base::*;
pub use crate::macros::*;
pub use crate::rpc::{Args, Call, Dynamic, Exposes, IntoCall, Modules, Rpc, Wire};

#[cfg(test)]
extern crate self as tractor;

//! Structured concurrency for processes.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod base;
mod macros;
mod process;
mod rpc;
mod runtime;
mod scope;
mod session;
mod transport;
mod wire;

pub use crate::base::*;
pub use crate::macros::*;
pub use crate::rpc::{
    Args, Call, Dynamic, Exposes, IntoCall, Modules, Portal, Rpc, Run, Wire, registered_functions,
};
pub use crate::runtime::{Outcome, run};
pub use crate::scope::*;

#[cfg(test)]
extern crate self as tractor;

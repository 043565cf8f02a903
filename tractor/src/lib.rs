//! Structured concurrency for processes.

#[allow(dead_code, unused_imports)]
mod base;
mod macros;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod rpc;
mod stand_in;

pub use crate::base::*;
pub use crate::macros::*;
pub use crate::stand_in::{Cluster, ClusterBuilder, Portal};
pub use crate::rpc::{Args, Call, Dynamic, Exposes, IntoCall, Modules, Rpc, Wire};

#[cfg(test)]
extern crate self as tractor;

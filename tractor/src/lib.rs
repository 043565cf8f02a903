//! Structured concurrency for processes.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod base;
mod process;
mod rpc;
mod runtime;
mod scope;
mod session;
mod transport;
mod wire;

pub use crate::base::*;
pub use crate::rpc::*;
pub use crate::runtime::{Outcome, run};
pub use crate::scope::*;

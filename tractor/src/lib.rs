//! Structured concurrency for processes.

#[doc(hidden)]
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

pub use crate::base::{
    Actor, ActorDied, Aid, Cancelled, CodecError, CodecSide, Config, ConfigError, DeadlineExceeded,
    Error, ErrorGroup, Exit, ExitStatus, LinkLost, ModuleNotExposed, RemoteError, Report, Result,
    Rung, SpawnError, UnknownFunction, current_actor, try_current_actor,
};
pub use crate::macros::{cluster, main, modules, rpc, test};
pub use crate::rpc::{
    Args, Call, Dynamic, Exposes, IntoCall, Modules, Portal, Rpc, Run, Wire, registered_functions,
};
pub use crate::runtime::{Outcome, run};
pub use crate::scope::{Cluster, ClusterBuilder, ExitReport, Iter, Map, RunAll};

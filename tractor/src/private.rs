//! What generated code names; not part of the API.

pub use inventory;

pub use crate::base::{Config, RemoteError};
pub use crate::rpc::allowlist::{Admits, Cons, Dynamic, Listed, Modules, Nil, id};
pub use crate::rpc::blocking;
pub use crate::rpc::capture::{
    BoxedRoot, ErrorRoot, NoPayload, NoRoot, Probe, SerializablePayload, capture,
};
pub use crate::rpc::handler::{Handler, Reply, handle};
pub use crate::rpc::module::{ModuleId, ModulePath};
pub use crate::rpc::outcome::{Failure, Fallible};
pub use crate::rpc::registry::{Entry, Registration, paths};
pub use crate::rpc::{Args, Call, Exposes, IntoCall, Rpc, Wire};

/// Builds a call, which nobody else can.
pub fn call<F: Rpc>(args: F::Args) -> Call<F> {
    Call::new(args)
}

/// The list that stands for one that could not be understood, so that one mistake is one error.
pub fn modules_in_error() -> Modules<Dynamic> {
    Modules::new(&[])
}

/// The hash of a module's path.
pub const fn module_hash(path: &'static str) -> u64 {
    ModulePath::absolute(path).hash()
}

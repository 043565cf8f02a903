//! Functions that can be called in another process, as types and values.
//!
//! A function annotated with [`#[rpc]`](macro@crate::rpc) leaves two names: a function that builds
//! a [`Call`] and a type, its *stub*, that implements [`Rpc`]. A call is a value: awaited, it runs
//! here; handed to a portal, it runs there.
//!
//! ```text
//! is_prime(7)  ──►  Call<is_prime> ──┬── .await ────────────► Rpc::call   in this process
//!                                    └── portal.run(..) ────► Rpc::entry  in the other one
//!                                          └ Exposes<is_prime, _>: asked of the portal's allowlist
//! ```
//!
//! What may cross is said by [`Wire`], what comes back by [`outcome`], what a portal lets through
//! by [`allowlist`], and how an error of any type is kept by [`capture`].

pub(crate) mod allowlist;
mod args;
pub(crate) mod backtrace;
mod blocking;
mod call;
mod cancellation;
pub(crate) mod capture;
mod claim;
pub(crate) mod context;
mod current;
mod deadline;
mod flight;
mod function;
pub(crate) mod handler;
mod introspect;
pub(crate) mod module;
pub(crate) mod outcome;
pub(crate) mod panic;
mod parent;
mod portal;
pub(crate) mod registry;
mod reply;
mod run;
mod running;
mod server;
pub(crate) mod shown;
pub(crate) mod stop;
pub(crate) mod stream;
mod trace;
mod wire;

pub use self::allowlist::{Dynamic, Exposes, Modules};
pub use self::args::Args;
pub use self::blocking::blocking;
pub use self::call::{Call, IntoCall};
pub use self::cancellation::{CancelReason, Cancellation};
pub use self::context::{
    Context, ContextCall, ContextFn, ContextOutcome, GatherContexts, IntoContextCall, OpenContext,
    OpenedContext, Started, gather_contexts,
};
pub use self::current::{CurrentCall, current_call};
pub(crate) use self::deadline::{Deadline, TimeLimit};
pub(crate) use self::flight::call_encoded;
pub use self::function::Rpc;
pub(crate) use self::introspect::is_users;
pub use self::parent::parent_portal;
pub(crate) use self::parent::{parent_link, set_parent};
pub use self::portal::Portal;
pub use self::registry::registered_functions;
pub use self::reply::Reply;
pub use self::run::Run;
pub(crate) use self::running::Running as Handlers;
pub(crate) use self::server::{FirstPoll, Server};
pub use self::stream::{
    ContextStream, IntoStreamCall, Overrun, ReceiveHalf, SendHalf, StreamCall, StreamFn,
    StreamFrom, Subscription,
};
pub(crate) use self::trace::outgoing_trace;
pub use self::wire::Wire;

//! Contexts: a task here and one in another process, whose lives are linked.
//!
//! ```text
//!        opener                                      callee
//!  open_context(trainer(..))  ───── Start ─────▶  trainer(ctx, ..)
//!    .scope(async |ctx, ready| ◀── Started ─────    ctx.started(ready)
//!      ctx.open_stream()      ◀═══ Yield ═════▶    ctx.open_stream()
//!      ctx.result())          ◀──── Return ─────    the function returns
//! ```
//!
//! A context is a call with a stream, and a scope around it: the scope does not end before the
//! function at the other end has. Whichever side fails, the other is cancelled.

mod callee;
mod ended;
mod function;
mod gather;
mod open;
mod opened;
mod remote;

pub use self::callee::{Context, Dialog, Started};
pub use self::ended::ContextOutcome;
pub use self::function::{ContextCall, ContextFn, IntoContextCall};
pub use self::gather::{GatherContexts, gather_contexts};
pub use self::open::OpenContext;
pub use self::opened::OpenedContext;

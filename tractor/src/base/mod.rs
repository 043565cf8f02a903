//! What every layer above shares: identities, errors, settings.

mod actor;
mod aid;
mod block_on;
mod body;
mod coarse;
mod config;
mod control;
mod error;
mod exit;
mod image;
mod log_to;
mod nesting;
mod random;
mod shield;
mod snapshot;
mod tasks;
mod terminal;
mod threads;
mod trace;
mod transport;

pub use self::actor::{Actor, current_actor, try_current_actor};
pub(crate) use self::actor::{enter_process, enter_thread};
pub use self::aid::Aid;
pub(crate) use self::block_on::block_on;
pub(crate) use self::body::{hides_failure, in_body, in_failing_scope, unless_it_hides_failure};
pub(crate) use self::coarse::Coarse;
pub use self::config::Config;
pub(crate) use self::config::Timeouts;
pub(crate) use self::control::{Control, Controlled, Order, Orderer};
pub use self::error::{
    ActorDied, Cancelled, CodecError, CodecSide, ConfigError, DeadlineExceeded, Deadlock, Error,
    ErrorGroup, Lagged, LinkLost, ModuleNotExposed, OverrunError, Raised, RemoteError, Report,
    Result, SpawnError, StreamClosed, UnknownFunction,
};
pub(crate) use self::error::{PanicReport, RemoteParts, colour_debug};
pub use self::exit::{Exit, ExitStatus, Rung};
pub(crate) use self::image::Image;
pub use self::log_to::LogTo;
pub(crate) use self::random::random;
pub use self::shield::shield;
pub(crate) use self::shield::{Shields, until_cancelled, until_cancelled_while};
pub(crate) use self::snapshot::MAX_DEPTH;
pub(crate) use self::snapshot::Style;
#[cfg(any(feature = "cli", feature = "debug"))]
pub(crate) use self::snapshot::fold;
pub use self::snapshot::{
    ActorSnapshot, ActorState, CallSnapshot, ProcessSnapshot, ProcessState, StreamSnapshot,
};
#[cfg(feature = "cli")]
pub(crate) use self::snapshot::{Size, Span, branch};
pub(crate) use self::tasks::{Counted, Tasks, Teardown};
pub(crate) use self::terminal::stderr_takes_colours;
#[cfg(any(feature = "cli", feature = "debug"))]
pub(crate) use self::terminal::takes_colours;
#[cfg(feature = "cli")]
pub(crate) use self::terminal::width;
pub(crate) use self::threads::{is_own_thread, on_own_thread};
pub(crate) use self::trace::{FOR_MACHINES, HANDLERS, TraceContext};
pub use self::transport::Transport;

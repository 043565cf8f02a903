//! What can go wrong, and how it reads.

mod cause;
mod failures;
mod group;
mod raised;
mod remote;
mod report;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::failures::{
    ActorDied, Cancelled, CodecError, CodecSide, ConfigError, DeadlineExceeded, LinkLost,
    ModuleNotExposed, SpawnError, UnknownFunction,
};
pub use self::group::ErrorGroup;
pub use self::raised::Raised;
pub use self::remote::RemoteError;
pub(crate) use self::remote::{PanicReport, RemoteParts};
pub use self::report::Report;
pub(crate) use self::report::colour_debug;

/// The result of whatever can fail in a tree of processes.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call, an actor or a scope did not end as it should.
///
/// It displays as one line, without its source. `{:#}`, [`report`](Self::report) and the `Debug`
/// form (which `main` prints when it returns an error) render the whole story over several lines.
/// What a `#[tractor::main]` returns is shown in colours on a terminal, unless `NO_COLOR` is set.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Error {
    /// The function ran and returned `Err`, or panicked. What it returned as a
    /// [`Group`](Self::Group) arrives as one.
    Remote(RemoteError),
    /// Somebody else cancelled the call, or the actor that ran it.
    Cancelled(Cancelled),
    /// The callee's allowlist does not name the function's module.
    ModuleNotExposed(ModuleNotExposed),
    /// The callee has no such function: it runs another program.
    UnknownFunction(UnknownFunction),
    /// The actor's process ended without being asked to.
    ActorDied(ActorDied),
    /// The link to the actor broke while its process was alive.
    LinkLost(LinkLost),
    /// The call did not return before its deadline.
    DeadlineExceeded(DeadlineExceeded),
    /// Arguments or a result could not be encoded or decoded.
    Codec(CodecError),
    /// The program asked for something that cannot be.
    Config(ConfigError),
    /// A process could not be started.
    Spawn(SpawnError),
    /// Several failures at the same time.
    Group(ErrorGroup),
}

impl Error {
    /// The whole story over several lines, in a box, for a person to read.
    pub fn report(&self) -> Report<'_> {
        Report::new(self)
    }

    /// True when it only tells that something was cancelled, in this actor or in another.
    pub(crate) fn is_cancellation(&self) -> bool {
        match self {
            Self::Cancelled(_) => true,
            Self::Remote(error) => {
                let original = error.clone().downcast::<Self>();
                original.is_ok_and(|original| original.is_cancellation())
            }
            _ => false,
        }
    }

    /// Collects failures: one stays what it is, several become a group, and groups become one.
    pub(crate) fn collect(errors: Vec<Self>) -> Option<Self> {
        // On the wire groups nest only so deep, and a tree may be deeper (W1).
        let flat = errors.into_iter().flat_map(|error| match error {
            Self::Group(group) => group.into_errors(),
            error => vec![error],
        });
        let mut errors: Vec<_> = flat.collect();
        match errors.len() {
            0 => None,
            1 => errors.pop(),
            _ => Some(ErrorGroup::new(errors).into()),
        }
    }

    /// The variant's own error, whichever it is.
    pub(crate) fn inner(&self) -> &(dyn std::error::Error + 'static) {
        match self {
            Self::Remote(inner) => inner,
            Self::Cancelled(inner) => inner,
            Self::ModuleNotExposed(inner) => inner,
            Self::UnknownFunction(inner) => inner,
            Self::ActorDied(inner) => inner,
            Self::LinkLost(inner) => inner,
            Self::DeadlineExceeded(inner) => inner,
            Self::Codec(inner) => inner,
            Self::Config(inner) => inner,
            Self::Spawn(inner) => inner,
            Self::Group(inner) => inner,
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner().source()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            write!(f, "{}", self.report())
        } else {
            write!(f, "{}", self.inner())
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Report::debug(self))
    }
}

macro_rules! from_inner {
    ($($inner:ident => $variant:ident,)*) => {$(
        impl From<$inner> for Error {
            fn from(inner: $inner) -> Self {
                Self::$variant(inner)
            }
        }
    )*};
}

from_inner! {
    RemoteError => Remote,
    Cancelled => Cancelled,
    ModuleNotExposed => ModuleNotExposed,
    UnknownFunction => UnknownFunction,
    ActorDied => ActorDied,
    LinkLost => LinkLost,
    DeadlineExceeded => DeadlineExceeded,
    CodecError => Codec,
    ConfigError => Config,
    SpawnError => Spawn,
    ErrorGroup => Group,
}

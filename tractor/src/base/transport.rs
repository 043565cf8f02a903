//! What carries the bytes between a parent and a child.

use serde::{Deserialize, Serialize};

/// What carries the bytes between a parent and a child; see [`Config::transport`].
///
/// [`Config::transport`]: crate::Config::transport
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Transport {
    /// Memory that both have mapped, where it can be had, which takes Linux; elsewhere the socket.
    ///
    /// A call between two actors that are at work then takes no system call of the link. An actor
    /// of one thread that waits for something which is likely to come soon looks for it for up to
    /// 150 µs before it sleeps, between the turns of its other tasks; one that has nothing to do uses
    /// no processor. Where more actors are at work than there are processors, or the other end has the
    /// same one, it offers the processor to others meanwhile, and sleeps once somebody takes it.
    #[default]
    SharedMemory,
    /// A Unix socket.
    Socket,
}

impl Transport {
    /// The transport of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "shared-memory" => Some(Self::SharedMemory),
            "socket" => Some(Self::Socket),
            _ => None,
        }
    }
}

//! A clock that costs next to nothing to read.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOCK: ClockId = ClockId::CLOCK_MONOTONIC_COARSE;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CLOCK: ClockId = ClockId::CLOCK_MONOTONIC;

/// A point in time, to within the 1 to 10 ms of the kernel's tick: every call that is made notes one,
/// and a precise clock would take several times as long to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Coarse(Duration);

impl Coarse {
    /// Now.
    #[inline]
    pub(crate) fn now() -> Self {
        Self(clock_gettime(CLOCK).map_or(Duration::ZERO, Duration::from))
    }

    /// The time since then.
    pub(crate) fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

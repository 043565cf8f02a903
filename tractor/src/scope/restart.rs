//! What follows when a child ends that should not have.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::base::{ConfigError, Result};

/// What a scope does when one of its children ends without being asked to.
///
/// The default, [`Never`](Self::Never), is structured concurrency as inside one task: one fails,
/// all are cancelled. The others are a supervisor's strategies, by Erlang's names. A child that is
/// restarted keeps its place and its portals; calls that were in flight fail with
/// [`ActorDied`](crate::Error::ActorDied), unless they may be [retried](crate::Run::retry), and
/// calls that are made meanwhile wait for the new process.
///
/// ```no_run
/// # use std::time::Duration;
/// # use tractor::Restart;
/// # #[tractor::rpc] async fn serve() {}
/// # async fn example() -> tractor::Result<()> {
/// tractor::nursery()
///     .restart(Restart::RestForOne)
///     .max_restarts(5)
///     .restart_window(Duration::from_secs(60))
///     .scope(async |an| {
///         let store = an.start_actor("store", tractor::modules![self]).await?;
///         let index = an.start_actor("index", tractor::modules![self]).await?; // needs the store
///         # let _ = (store, index);
///         Ok(())
///     })
///     .await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Restart {
    /// The scope fails: all other children are cancelled.
    #[default]
    Never,
    /// The child is started again, and no other is touched.
    OneForOne,
    /// All children are stopped, in reverse order, and started again, in order.
    OneForAll,
    /// The child and those that were started after it are stopped, in reverse order, and started
    /// again, in order.
    RestForOne,
}

/// When a child of a scope with a [`Restart`] strategy is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestartType {
    /// However it ended, unless it was cancelled. The default of actors that serve calls.
    Permanent,
    /// When it failed: it died of a signal, exited with a code other than 0, or its function
    /// returned `Err` or panicked. The default of one-shots.
    Transient,
    /// Never: its end concerns nobody else.
    Temporary,
}

/// How often, how soon and with whom a child is started again.
#[derive(Debug, Clone)]
pub(super) struct RestartPolicy {
    pub(super) strategy: Restart,
    /// The restarts that a scope may have within `window` before it fails.
    pub(super) max: usize,
    pub(super) window: Duration,
    /// The delay before the first restart of a child, and the longest one.
    pub(super) backoff: RangeInclusive<Duration>,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self {
            strategy: Restart::Never,
            max: 3,
            window: Duration::from_secs(5),
            backoff: Duration::from_millis(10)..=Duration::from_secs(1),
        }
    }
}

impl RestartPolicy {
    /// Refuses what no scope can work with.
    pub(super) fn check(&self) -> Result<()> {
        let problem = if self.window.is_zero() {
            "`restart_window` is zero; no restart would ever be counted"
        } else if self.backoff.is_empty() {
            "`restart_backoff` ends before it begins"
        } else {
            return Ok(());
        };
        Err(ConfigError::new(problem).into())
    }

    /// True when children depend on each other: they start and stop one after the other.
    pub(super) fn is_ordered(&self) -> bool {
        matches!(self.strategy, Restart::OneForAll | Restart::RestForOne)
    }

    /// The delay before a child's restart after `failures` failures in a row, at least 1: twice as
    /// long as the one before, and somewhere in its upper half, where `jitter` of 0 to 1 says, so
    /// that those which failed together do not come back together.
    pub(super) fn delay(&self, failures: u32, jitter: f64) -> Duration {
        let (first, longest) = (*self.backoff.start(), *self.backoff.end());
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let delay = first.saturating_mul(doubled).min(longest);
        delay.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let policy = RestartPolicy::default();
        let delays = [1, 2, 3, 7, 8, u32::MAX].map(|failures| policy.delay(failures, 1.0));
        assert_eq!(
            delays.map(|delay| delay.as_millis()),
            [10, 20, 40, 640, 1000, 1000]
        );
        assert_eq!(policy.delay(1, 0.0), Duration::from_millis(5));
    }

    #[test]
    fn nonsense_is_refused() {
        let backoff = Duration::from_secs(2)..=Duration::from_secs(1);
        let window = Duration::ZERO;
        let default = RestartPolicy::default;
        assert!(default().check().is_ok());
        assert!(
            RestartPolicy {
                backoff,
                ..default()
            }
            .check()
            .is_err()
        );
        assert!(
            RestartPolicy {
                window,
                ..default()
            }
            .check()
            .is_err()
        );
    }
}

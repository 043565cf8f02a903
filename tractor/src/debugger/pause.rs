//! Breakpoints.

use std::panic::Location;

use crate::rpc::stop::{Why, stop};

/// Stops here in [debug mode](crate::Config::debug_mode), with the prompt of a crash; elsewhere it does
/// nothing.
///
/// The actor stands still meanwhile, and so do its other tasks, unless it has several threads. Who stops
/// while another has the terminal waits for it.
///
/// ```
/// #[tractor::rpc]
/// async fn halve(n: u64) -> u64 {
///     if n % 2 == 1 {
///         tractor::pause().await;
///     }
///     n / 2
/// }
/// ```
///
/// # Cancel safety
///
/// Dropped before it is polled, it does not stop.
#[track_caller]
pub fn pause() -> impl Future<Output = ()> + Send {
    let here = Location::caller();
    async move {
        stop(Why::Pause(here));
    }
}

/// [`pause`] for plain functions.
///
/// ```
/// #[tractor::rpc]
/// fn halve(n: u64) -> u64 {
///     if n % 2 == 1 {
///         tractor::pause_sync();
///     }
///     n / 2
/// }
/// ```
#[track_caller]
pub fn pause_sync() {
    stop(Why::Pause(Location::caller()));
}

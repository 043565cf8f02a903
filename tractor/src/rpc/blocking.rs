//! A plain function on the blocking pool.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Runs `body` on the blocking pool, so that the actor stays responsive.
///
/// A panic of `body` goes on in the task that awaits it.
pub fn blocking<T: Send + 'static>(
    body: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> + Send + 'static {
    async {
        match spawn_blocking(body).await {
            Ok(value) => value,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The pool refuses work only while the runtime shuts down, and then nobody is
                // left who could be told.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

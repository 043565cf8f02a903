//! A plain function on the blocking pool.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::task::spawn_blocking;

use super::panic::{catch, is_catching};

/// Runs `body` on the blocking pool, so that the actor stays responsive.
///
/// A panic of `body` goes on in the task that awaits it.
pub async fn blocking<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    // Asked here, on the thread that polls: a handler's panic is caught with its location,
    // which only the thread that panics knows; a local call panics as usual.
    let in_handler = is_catching();
    let ran = spawn_blocking(move || -> Result<T, Box<dyn Any + Send>> {
        match in_handler {
            true => catch(body).map_err(|report| Box::new(report) as _),
            false => catch_unwind(AssertUnwindSafe(body)),
        }
    });
    match ran.await {
        Ok(Ok(value)) => value,
        Ok(Err(panic)) => resume_unwind(panic),
        // The pool refuses work only while the runtime shuts down, and then nobody is left
        // who could be told.
        Err(_) => std::future::pending().await,
    }
}

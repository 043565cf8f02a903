//! A plain function on the blocking pool.

use std::any::Any;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::task::spawn_blocking;
use tracing::Span;

use super::claim::Claim;
use super::current::{CurrentCall, current_call};
use super::panic::{catch, is_catching};
use crate::transport::Elsewhere;

/// Runs `body` on the blocking pool, so that the actor stays responsive.
///
/// A panic of `body` goes on in the task that awaits it.
pub async fn blocking<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    // Asked here, on the thread that polls: a handler's panic is caught with its location, which
    // only the thread that panics knows; a local call panics as usual.
    let in_handler = is_catching();
    let mut call = current_call();
    let claim = call.as_ref().and_then(CurrentCall::claim).cloned();
    let span = Span::current();
    let ran = spawn_blocking(move || -> Option<Result<T, Box<dyn Any + Send>>> {
        let _entered = span.enter();
        // A function that was cancelled while it waited for this thread does not begin.
        if claim.is_some_and(|claim: Claim| !claim.take()) {
            return None;
        }
        Some(CurrentCall::scope(&mut call, || match in_handler {
            true => catch(body).map_err(|caught| caught as _),
            false => catch_unwind(AssertUnwindSafe(body)),
        }))
    });
    let ended = {
        let _elsewhere = Elsewhere::new();
        ran.await
    };
    match ended {
        Ok(Some(Ok(value))) => value,
        Ok(Some(Err(panic))) => resume_unwind(panic),
        // The pool refuses work only while the runtime shuts down, and the claim is lost only to
        // the one who drops this future: nobody is left who could be told.
        Ok(None) | Err(_) => pending().await,
    }
}

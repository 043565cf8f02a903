//! The body of a root, as a task of its runtime.

use std::mem::transmute;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::{Handle, Runtime, RuntimeFlavor};

use crate::base::block_on;

/// Runs `body` to its end, on this thread.
///
/// What is given to `block_on` is polled by tokio when no task is left to run, or every so many: a body
/// would wait for the drivers of links that [look](crate::transport) for the answers which it waits for.
/// As a task it has its turn like everybody else. Where the runtime has other threads, these run the
/// tasks meanwhile.
///
/// # Panics
///
/// Resumes a panic of `body`.
pub(super) fn run_to_end(runtime: &Runtime, body: Pin<&mut dyn Future<Output = ()>>) {
    if runtime.handle().runtime_flavor() != RuntimeFlavor::CurrentThread {
        return block_on(runtime, body);
    }
    let ended = block_on(runtime, async {
        let unfinished = Unfinished;
        #[expect(unsafe_code, reason = "tokio has no tasks that borrow")]
        // SAFETY: this is a runtime of one thread, which goes on from here when the task has ended; if
        // it had to before that, `unfinished` would end the process.
        let task = unsafe { Task::new(body) };
        let ended = Handle::current().spawn(task).await;
        std::mem::forget(unfinished);
        ended
    });
    if let Err(error) = ended {
        resume_unwind(error.into_panic());
    }
}

/// A task that lives elsewhere, and need not be `Send`.
struct Task(Pin<&'static mut dyn Future<Output = ()>>);

impl Task {
    /// # Safety
    ///
    /// It has to be spawned on a runtime that only this thread runs, and awaited before `task` is
    /// touched or dropped.
    #[expect(unsafe_code, reason = "tokio has no tasks that borrow")]
    unsafe fn new<'a>(task: Pin<&'a mut (dyn Future<Output = ()> + 'a)>) -> Self {
        // SAFETY: only lifetimes change, and the caller sees to it that they are long enough.
        Self(unsafe {
            transmute::<
                Pin<&'a mut (dyn Future<Output = ()> + 'a)>,
                Pin<&'static mut dyn Future<Output = ()>>,
            >(task)
        })
    }
}

// SAFETY: tokio runs the tasks of a runtime of one thread on the thread that is in its `block_on`. That
// is the one that has made this task, which does not leave `block_on` before the task has ended.
#[expect(unsafe_code, reason = "tokio has no tasks that stay on a thread")]
unsafe impl Send for Task {}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Dropped, it ends the process: a task that borrows from this thread is left behind.
struct Unfinished;

impl Drop for Unfinished {
    fn drop(&mut self) {
        std::process::abort();
    }
}

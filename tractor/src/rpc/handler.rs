//! User code that answers a call.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{Reply, Rpc};
use crate::base::Raised;

/// User code that answers a call.
///
/// It is polled together with the reply it owes, so that whoever polls it stays responsible for
/// the answer: a handler that panics or is dropped cannot take the reply with it.
pub trait Handler: Send {
    /// Goes on; when it is ready, the answer is in `reply`.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, reply: &mut Reply) -> Poll<()>;
}

/// A handler on the heap, whatever its body.
pub(crate) type BoxHandler = Pin<Box<dyn Handler>>;

pin_project! {
    /// The body of `F`, then its result, which waits for room on the link.
    struct Running<F: Rpc, T> {
        #[pin]
        body: T,
        settled: Option<Result<F::Output, Raised>>,
    }
}

impl<F: Rpc, T: Future<Output = F::Return> + Send> Handler for Running<F, T> {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, reply: &mut Reply) -> Poll<()> {
        let this = self.project();
        if this.settled.is_none() {
            let polled = {
                let _held = reply.hold_ends();
                this.body.poll(cx)
            };
            let Poll::Ready(returned) = polled else {
                reply.tell_ends();
                return Poll::Pending;
            };
            *this.settled = Some(F::settle(returned));
        }
        reply.poll_send::<F>(this.settled, cx)
    }
}

/// The handler that runs `body`, in one allocation.
pub fn handle<F: Rpc>(body: impl Future<Output = F::Return> + Send + 'static) -> BoxHandler {
    Box::pin(Running::<F, _> {
        body,
        settled: None,
    })
}

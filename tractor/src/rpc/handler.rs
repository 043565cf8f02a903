//! A handler that answers a call. (Stand-in.)

use std::pin::Pin;
use std::task::{Context, Poll};

use super::Rpc;

/// Where the answer goes.
#[derive(Debug, Default)]
pub struct Reply(());

/// User code that answers a call.
pub trait Handler: Send {
    /// Goes on; the answer goes to `reply`.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, reply: &mut Reply) -> Poll<()>;
}

struct Running<T>(T);

impl<T: Send> Handler for Running<T> {
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut Reply) -> Poll<()> {
        Poll::Ready(())
    }
}

/// The handler that runs `future`.
pub fn handle<F: Rpc>(
    future: impl Future<Output = F::Return> + Send + 'static,
) -> Pin<Box<dyn Handler>> {
    Box::pin(Running(future))
}

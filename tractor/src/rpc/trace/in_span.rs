//! A handler that runs in a span.

use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::Span;

use crate::rpc::Reply;
use crate::rpc::handler::{BoxHandler, Handler};

/// A handler that runs in a span: whenever it is polled, and while it is dropped.
pub(super) struct InSpan {
    /// `None` only while this is dropped.
    handler: Option<BoxHandler>,
    span: Span,
}

impl InSpan {
    pub(super) fn new(handler: BoxHandler, span: Span) -> Self {
        Self {
            handler: Some(handler),
            span,
        }
    }
}

impl Handler for InSpan {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, reply: &mut Reply) -> Poll<()> {
        let Self { handler, span } = &mut *self;
        match handler {
            Some(handler) => span.in_scope(|| handler.as_mut().poll(cx, reply)),
            None => Poll::Ready(()),
        }
    }
}

impl Drop for InSpan {
    fn drop(&mut self) {
        let Self { handler, span } = self;
        span.in_scope(|| *handler = None);
    }
}

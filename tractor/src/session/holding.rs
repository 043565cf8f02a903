//! The body of a scope, and the streams that it drops.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::HeldEnds;

pin_project! {
    /// The body of a scope: a stream that it drops has ended if the body goes on without it. If it
    /// fails or is dropped, that is held back until the scope is over.
    pub(crate) struct Holding<'a, B> {
        // `None` only while this is dropped.
        #[pin]
        body: Option<B>,
        held: &'a mut HeldEnds,
    }

    impl<B> PinnedDrop for Holding<'_, B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _held = this.held.hold();
            this.body.set(None);
        }
    }
}

impl<'a, B> Holding<'a, B> {
    /// What `body` drops is held in `held` for as long as nobody knows why.
    pub(crate) fn new(body: B, held: &'a mut HeldEnds) -> Self {
        let body = Some(body);
        Self { body, held }
    }
}

impl<B: Future> Future for Holding<'_, B> {
    type Output = B::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<B::Output> {
        let this = self.project();
        let body = this.body.as_pin_mut().expect("it is there until the drop");
        let polled = {
            let _held = this.held.hold();
            body.poll(cx)
        };
        if polled.is_pending() {
            this.held.tell();
        }
        polled
    }
}

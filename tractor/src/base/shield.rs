//! Work that a cancellation waits for.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::body::out_of_bodies;

thread_local! {
    /// The shields of the futures that are being polled on this thread and can be cancelled, the
    /// outermost first.
    static AROUND: RefCell<Vec<Shields>> = const { RefCell::new(Vec::new()) };
}

/// How many shields are up in one future that can be cancelled. Counted from the first one on, so
/// that those who use none pay for none.
#[derive(Debug, Default)]
pub(crate) struct Shields(Option<Arc<AtomicUsize>>);

impl Shields {
    /// Runs `poll` as part of the future that these are the shields of.
    pub(crate) fn around<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        let _leave = Leave::enter(self);
        poll()
    }

    /// True while the future must not be dropped.
    pub(crate) fn are_up(&self) -> bool {
        let count = self.0.as_ref();
        count.is_some_and(|count| count.load(Ordering::Relaxed) > 0)
    }
}

/// Takes the shields back from the thread when the poll is over, also by a panic.
struct Leave<'a>(&'a mut Shields);

impl<'a> Leave<'a> {
    fn enter(shields: &'a mut Shields) -> Self {
        AROUND.with_borrow_mut(|around| around.push(Shields(shields.0.take())));
        Self(shields)
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if let Some(shields) = AROUND.with_borrow_mut(Vec::pop) {
            *self.0 = shields;
        }
    }
}

/// Runs `future` to its end before a cancellation drops the code around it.
///
/// When a call is cancelled, its handler is polled once more, so that it can
/// [notice](crate::CurrentCall::cancelled), and dropped at its next await: unless it awaits a
/// shield then. A shield is for clean-up that awaits something. It holds up the handler of a call,
/// the body of a scope and the body of `main`, whichever of them it is awaited in, and nothing else.
///
/// ```
/// use tractor::{current_call, shield};
///
/// # async fn work() {}
/// # async fn save() {}
/// #[tractor::rpc]
/// async fn checkpointed() {
///     let call = current_call().expect("this runs as the answer to a call");
///     tokio::select! {
///         () = work() => {}
///         _ = call.cancelled() => {}
///     }
///     shield(save()).await; // also when the call was cancelled
/// }
/// ```
///
/// It is bounded by the ladder: an actor that is being ended has
/// [`kill_timeout`](crate::Config::kill_timeout) for all of its shields before SIGTERM, and one
/// whose parent is gone has none. A call that is merely dropped is acknowledged when its shields
/// are down, and takes its place on the link until then. The shield does not hold against code
/// that drops the future itself, such as `select!` around it.
///
/// # Cancel safety
///
/// As of `future`.
pub fn shield<F: IntoFuture>(future: F) -> impl Future<Output = F::Output> {
    Shield {
        future: future.into_future(),
        raised: Raised::default(),
    }
}

pin_project! {
    struct Shield<F> {
        #[pin]
        future: F,
        raised: Raised,
    }
}

impl<F: Future> Future for Shield<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.raised.raise();
        // What is withheld from a body that is about to be dropped would never resolve here.
        let output = ready!(out_of_bodies(|| this.future.poll(cx)));
        *this.raised = Raised::default();
        Poll::Ready(output)
    }
}

/// A shield that is up, until it is dropped, in everything around it that can be cancelled.
#[derive(Debug, Default)]
struct Raised(Option<Vec<Arc<AtomicUsize>>>);

impl Raised {
    fn raise(&mut self) {
        self.0.get_or_insert_with(|| {
            let count = |shields: &mut Shields| {
                let count = shields.0.get_or_insert_default().clone();
                count.fetch_add(1, Ordering::Relaxed);
                count
            };
            AROUND.with_borrow_mut(|around| around.iter_mut().map(count).collect())
        });
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        for count in self.0.iter().flatten() {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// The result of `body`; `None` when it was dropped because `cancelled` has resolved.
///
/// The cancellation is looked for first and obeyed last: what the body awaits may be resolved by
/// the same event, and it is polled once more to see that.
pub(crate) async fn until_cancelled<T>(
    body: impl Future<Output = T>,
    cancelled: impl Future<Output = ()>,
) -> Option<T> {
    let mut cancelled = pin!(cancelled);
    let mut is_cancelled = false;
    until_cancelled_while(body, |cx| {
        is_cancelled = is_cancelled || cancelled.as_mut().poll(cx).is_ready();
        is_cancelled
    })
    .await
}

/// [`until_cancelled`], for a cancellation that the body can still avert: it is dropped if
/// `is_cancelled` holds before it is polled and after.
pub(crate) async fn until_cancelled_while<T>(
    body: impl Future<Output = T>,
    mut is_cancelled: impl FnMut(&mut Context<'_>) -> bool,
) -> Option<T> {
    let (mut body, mut shields) = (pin!(body), Shields::default());
    poll_fn(|cx| {
        let before = is_cancelled(cx);
        match shields.around(|| body.as_mut().poll(cx)) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if before && !shields.are_up() && is_cancelled(cx) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn cancelled_body_is_polled_once_more() {
        let ready_at_once = until_cancelled(ready(1), ready(())).now_or_never();
        assert_eq!(ready_at_once, Some(Some(1)));
        let waiting = until_cancelled(pending::<()>(), ready(())).now_or_never();
        assert_eq!(waiting, Some(None));
    }

    #[test]
    fn shield_outlasts_the_cancellation() {
        let (end, ended) = oneshot::channel();
        let body = async {
            shield(ended).await.expect("it is sent");
            pending::<()>().await;
        };
        let mut cancelled = pin!(until_cancelled(body, ready(())));
        assert_eq!(cancelled.as_mut().now_or_never(), None);
        end.send(()).expect("it is awaited");
        assert_eq!(cancelled.now_or_never(), Some(None));
    }

    #[test]
    fn dropped_shield_holds_nobody_up() {
        let body = async {
            let mut shielded = Box::pin(shield(pending::<()>()));
            assert_eq!((&mut shielded).now_or_never(), None);
            drop(shielded);
            pending::<()>().await;
        };
        assert_eq!(until_cancelled(body, ready(())).now_or_never(), Some(None));
    }

    #[test]
    fn inner_shield_holds_up_everything_around() {
        let inner = until_cancelled(shield(pending::<()>()), pending());
        let mut outer = pin!(until_cancelled(inner, ready(())));
        assert_eq!(outer.as_mut().now_or_never(), None);
    }

    #[test]
    fn shield_outside_of_anything_just_runs() {
        assert_eq!(shield(ready(1)).now_or_never(), Some(1));
    }
}

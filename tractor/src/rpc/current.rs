//! The call that the running code answers.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::cancellation::{CancelLine, CancelReason, Cancellation};
use super::claim::Claim;
use super::stop::{Kept, Stopped};
use crate::base::{Aid, TraceContext};
use crate::session::{Link, StreamHalves};
use crate::wire::CallId;

/// The call that the running code answers; see [`current_call`].
#[derive(Clone)]
pub struct CurrentCall {
    function: &'static str,
    link: Link,
    id: CallId,
    /// The modules that its caller may call.
    exposed: Arc<[String]>,
    deadline: Option<Instant>,
    /// Where it stands in a trace, if it is in one: on the heap, as it is moved about.
    trace: Option<Box<TraceContext>>,
    /// Of a plain function: whether it may still begin.
    claim: Option<Claim>,
    /// In debug mode.
    kept: Option<Arc<Kept>>,
    /// Made when somebody needs it: most handlers are done at their first poll.
    line: Option<CancelLine>,
}

thread_local! {
    static CURRENT: RefCell<Option<CurrentCall>> = const { RefCell::new(None) };
}

/// The call that the running code answers.
///
/// `None` in the root's own code, and in tasks that a handler has spawned: these outlive the call.
/// Clones and moves of what it returns stay with the call.
///
/// ```
/// #[tractor::rpc]
/// fn count(most: u64) -> u64 {
///     let call = tractor::current_call();
///     // A plain function cannot be interrupted, but it can look.
///     let cancelled = || call.as_ref().is_some_and(|call| call.is_cancelled());
///     (0..most).take_while(|_| !cancelled()).count() as u64
/// }
/// ```
pub fn current_call() -> Option<CurrentCall> {
    CURRENT.with_borrow_mut(|current| {
        let current = current.as_mut()?;
        current.line.get_or_insert_default();
        Some(current.clone())
    })
}

/// The deadline of the call that is being answered on this thread now.
#[inline]
pub(crate) fn current_deadline() -> Option<Instant> {
    CURRENT.with_borrow(|current| current.as_ref()?.deadline)
}

/// Where the call that is being answered on this thread now stands in a trace.
#[inline]
pub(super) fn current_trace() -> Option<Box<TraceContext>> {
    CURRENT.with_borrow(|current| current.as_ref()?.trace.clone())
}

/// The modules that the caller of the current call may call here.
pub(super) fn exposed_to_caller() -> Vec<String> {
    CURRENT.with_borrow(|current| {
        let call = current.as_ref();
        call.map(|call| call.exposed.to_vec()).unwrap_or_default()
    })
}

/// Opens the stream of the call that is being answered on this thread now.
pub(super) fn accept_stream() -> StreamHalves {
    CURRENT.with_borrow(|current| {
        let call = current
            .as_ref()
            .expect("only the answer to a call has a stream");
        call.link.accept_stream(call.id, call.function)
    })
}

impl CurrentCall {
    pub(super) fn new(
        function: &'static str,
        (link, id): (Link, CallId),
        exposed: Arc<[String]>,
        deadline: Option<Instant>,
        trace: Option<Box<TraceContext>>,
        claim: Option<Claim>,
        kept: Option<Arc<Kept>>,
    ) -> Self {
        Self {
            function,
            link,
            id,
            exposed,
            deadline,
            trace,
            claim,
            kept,
            line: None,
        }
    }

    /// The path of the function that was called.
    pub fn function(&self) -> &str {
        self.function
    }

    /// The actor that called.
    pub fn caller(&self) -> &Aid {
        self.link.peer()
    }

    /// When the caller stops waiting, if it ever does.
    pub fn deadline(&self) -> Option<std::time::Instant> {
        self.deadline.map(Instant::into_std)
    }

    /// True once the call is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation().is_some()
    }

    /// Who cancelled the call and why, once somebody has.
    pub fn cancellation(&self) -> Option<Cancellation> {
        self.line.as_ref()?.cancellation().cloned()
    }

    /// Resolves when the call is cancelled.
    ///
    /// The handler is dropped at its next await after that, unless it awaits a
    /// [`shield`](crate::shield); a plain function runs on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn cancelled(&self) -> Cancellation {
        match &self.line {
            Some(line) => line.cancelled().await.clone(),
            None => std::future::pending().await,
        }
    }

    /// The call that is being answered on this thread now, with what is kept of it.
    pub(super) fn kept() -> Option<Stopped> {
        // A thread that ends has none any more.
        let kept = CURRENT.try_with(|current| {
            let current = current.borrow();
            let call = current.as_ref()?;
            Some(Stopped::new(call.clone(), call.kept.clone()?))
        });
        kept.ok().flatten()
    }

    /// Notes that the call is made once more: of a plain function that had begun, it can be cancelled again.
    pub(super) fn begin_again(&self) {
        let Some(claim) = &self.claim else {
            return;
        };
        claim.give_back();
        // A cancellation that came while the function ran could not drop it.
        if let Some(line) = self.line.as_ref().filter(|_| self.is_cancelled()) {
            line.drop_handler();
        }
    }

    /// The actor that answers.
    pub(crate) fn me(&self) -> &Aid {
        self.link.me()
    }

    /// The path of the function that was called.
    pub(super) fn path(&self) -> &'static str {
        self.function
    }

    /// The link that the call came on.
    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Which call on the link it is.
    pub(super) fn id(&self) -> CallId {
        self.id
    }

    /// The right to begin, of a plain function.
    pub(super) fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    /// Where the handler is told, if anybody has asked for that.
    pub(super) fn line(&self) -> Option<&CancelLine> {
        self.line.as_ref()
    }

    /// Where the handler is told from now on.
    pub(super) fn open_line(&mut self) {
        self.line.get_or_insert_default();
    }

    /// Cancels the call for its caller. A plain function that has begun runs to its end, and its
    /// answer is the acknowledgement: functions which nobody waits for any more still count
    /// against the limit (B1).
    pub(super) fn cancel(&self) {
        let late = self.deadline.is_some_and(|at| at <= Instant::now());
        let reason = match late {
            true => CancelReason::DeadlineExceeded,
            false => CancelReason::Dropped,
        };
        let may_drop = || self.claim.as_ref().is_none_or(Claim::take);
        self.tell(Cancellation::new(self.caller().clone(), reason), may_drop);
    }

    /// Cancels the call with the whole actor, which waits for no plain function.
    pub(super) fn cancel_with_actor(&self, by: &Aid) {
        let cancellation = Cancellation::new(by.clone(), CancelReason::ActorCancelled);
        self.tell(cancellation, || true);
    }

    /// `may_drop` is asked when the handler is told: whoever [begins again](Self::begin_again) meanwhile
    /// sees one or the other.
    fn tell(&self, cancellation: Cancellation, may_drop: impl FnOnce() -> bool) {
        if let Some(line) = &self.line {
            line.tell(cancellation);
            if may_drop() {
                line.drop_handler();
            }
        }
    }

    /// Runs `body` as part of this call.
    pub(super) fn scope<T>(this: &mut Option<Self>, body: impl FnOnce() -> T) -> T {
        let _leave = Leave::enter(this);
        body()
    }
}

/// Takes the call back from the thread, also by a panic, and restores what was there before.
struct Leave<'a> {
    mine: &'a mut Option<CurrentCall>,
    before: Option<CurrentCall>,
}

impl<'a> Leave<'a> {
    fn enter(mine: &'a mut Option<CurrentCall>) -> Self {
        let before = CURRENT.replace(mine.take());
        Self { mine, before }
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        *self.mine = CURRENT.replace(self.before.take());
    }
}

impl fmt::Debug for CurrentCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CurrentCall({} for {})", self.function, self.caller())
    }
}

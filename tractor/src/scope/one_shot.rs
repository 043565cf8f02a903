//! An actor for a single call.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::child::Job;
use super::supervisor::Started;
use crate::base::{Aid, Cancelled, Control, Result, unless_it_hides_failure};
use crate::rpc::{Call, Deadline, Dynamic, Portal, Rpc, Run, outgoing_trace};

/// An actor for a single call; made by [`Nursery::run_in_actor`](crate::Nursery::run_in_actor).
///
/// It ends when the call does. Dropping this changes nothing: the call goes on, and the scope waits
/// for it.
#[must_use = "the result is told by `result`; the scope waits for it anyway"]
pub struct OneShot<F: Rpc> {
    portal: Portal<Dynamic>,
    control: Control,
    me: Aid,
    value: oneshot::Receiver<F::Output>,
}

impl<F: Rpc> OneShot<F> {
    /// What makes the call in a process, as often as that is restarted, and where its value comes
    /// out.
    pub(super) fn job(
        call: Call<F>,
        deadline: Option<Deadline>,
    ) -> Result<(Job, oneshot::Receiver<F::Output>)> {
        let args = call.into_encoded()?;
        // The call is made by the owner of its process, which is in no trace.
        let trace = outgoing_trace();
        let (give, value) = oneshot::channel();
        let give = Arc::new(Mutex::new(Some(give)));
        let job: Job = Box::new(move |route| {
            let run = Run::<F>::encoded(route, args.clone()).part_of(deadline, trace.clone());
            let give = give.clone();
            Box::pin(async move {
                let value = run.await?;
                // Of a permanent one-shot, which is called again and again, the first value.
                if let Some(give) = give.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    let _ = give.send(value);
                }
                Ok(())
            })
        });
        Ok((job, value))
    }

    pub(super) fn new(started: Started, value: oneshot::Receiver<F::Output>) -> Self {
        let Started { route, control } = started;
        Self {
            me: route.link().me().clone(),
            portal: Portal::new(route, control.clone()),
            control,
            value,
        }
    }

    /// The actor; of one that is restarted, the newest process.
    pub fn aid(&self) -> Aid {
        self.portal.aid()
    }

    /// A portal to the actor, for more calls while it lives.
    pub fn portal(&self) -> &Portal<Dynamic> {
        &self.portal
    }

    /// Waits for what the function returns.
    ///
    /// # Errors
    ///
    /// When the function fails, or its actor dies, and it is not restarted; then the scope fails as
    /// well. [`Cancelled`](crate::Error::Cancelled) when the actor is cancelled before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the value up. The call goes on.
    pub async fn result(self) -> Result<F::Output> {
        let reason = tokio::select! {
            biased;
            Ok(value) = self.value => return Ok(value),
            reason = self.control.reason() => reason,
        };
        let reason = reason.unwrap_or_else(|| Cancelled::new(self.me.clone()).into());
        unless_it_hides_failure(Err(reason), &self.me).await
    }

    /// Ends the actor and its call, down the ladder, and waits until it is reaped.
    ///
    /// # Errors
    ///
    /// None today.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the actor ends whether or not this is dropped.
    pub async fn cancel_actor(&self) -> Result<()> {
        self.portal.cancel_actor().await
    }
}

impl<F: Rpc> fmt::Debug for OneShot<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OneShot({} in {})", F::PATH, self.aid())
    }
}

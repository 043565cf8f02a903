//! What the driver does with a link.

use std::task::{Context, Waker};

use super::{Link, wake};
use crate::session::action::{Action, Ask};
use crate::wire::{Message, Outbox, Violation};

/// How many tasks that wait for room are woken in one turn of the driver.
const CALLED_AT_ONCE: usize = 16;

/// What was received.
#[derive(Debug, Default)]
pub(in crate::session) struct Received {
    /// So many messages.
    pub(in crate::session) count: usize,
    /// What the last one asks.
    pub(in crate::session) ask: Option<Ask>,
}

impl Link {
    /// Handles messages of the peer, `most` of them or up to one that asks something of the layers
    /// above. Who is to be woken is in `wakers`, also when a message breaks the protocol.
    #[inline]
    pub(in crate::session) fn receive(
        &self,
        most: usize,
        mut next: impl FnMut() -> Result<Option<Message>, Violation>,
        wakers: &mut Vec<Waker>,
    ) -> Result<Received, Violation> {
        let mut received = Received::default();
        let mut standstill = None;
        let mut state = self.lock();
        // The driver is at work, and looks at the outbound buffer before it sleeps again.
        state.driver = None;
        while received.count < most
            && received.ask.is_none()
            && standstill.is_none()
            && let Some(message) = next()?
        {
            received.count += 1;
            match state.core.receive(message)? {
                Action::Wake(waker) => wakers.extend(waker),
                Action::WakeAll(all) => wakers.extend(all.into_iter().flatten()),
                Action::Ask(ask) => received.ask = Some(ask),
            }
            wakers.extend(state.core.next_caller());
            standstill = state.core.standstill();
        }
        drop(state);
        self.warn_of(standstill);
        Ok(received)
    }

    /// Hands a batch of frames over with `swap`, or notes that the driver sleeps.
    #[inline]
    pub(in crate::session) fn take_outbound(
        &self,
        cx: &mut Context<'_>,
        swap: impl FnOnce(&mut Outbox),
    ) {
        let mut state = self.lock();
        let flushed = state.core.fill();
        if !state.core.has_output() {
            let core = &mut state.core;
            let next = || core.next_answerer().or_else(|| core.next_caller());
            let called: Vec<_> = std::iter::from_fn(next).take(CALLED_AT_ONCE).collect();
            match &state.driver {
                Some(driver) if driver.will_wake(cx.waker()) => {}
                _ => state.driver = Some(cx.waker().clone()),
            }
            drop(state);
            if called.len() == CALLED_AT_ONCE {
                // There may be more, and those may be the ones that are polled.
                cx.waker().wake_by_ref();
            }
            called.into_iter().chain(flushed).for_each(Waker::wake);
            return;
        }
        swap(state.core.outbound());
        let (answerer, caller) = (state.core.next_answerer(), state.core.next_caller());
        drop(state);
        flushed.into_iter().for_each(Waker::wake);
        wake(answerer);
        wake(caller);
    }
}

//! The calls this end has made and that the peer has not answered to the end.

use std::task::{Poll, Waker};

use bytes::Bytes;

use crate::base::{Coarse, Error};
use crate::wire::{CallId, Violation};

/// How a call ended, still encoded.
pub(super) type Answer = Result<Bytes, Error>;

/// A table of slots; a slot's generation tells a late answer from one to its new tenant.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    slots: Vec<Slot>,
    free: Vec<u32>,
    len: usize,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    state: State,
    begun: Begun,
}

/// What is noted of a call that was made, for those who look.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Begun {
    /// The path of the function.
    pub(super) function: &'static str,
    pub(super) at: Coarse,
}

#[derive(Debug)]
enum State {
    Free,
    /// The peer has the call, and somebody here wants its answer.
    Awaited(Option<Waker>),
    /// The peer has the call, and nobody wants its answer any more (C2).
    Abandoned,
    /// The answer has arrived and waits to be taken.
    Answered(Answer),
}

impl InFlight {
    /// The calls the peer still has to answer, abandoned ones included.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The id that the next call will have.
    ///
    /// Nothing is taken yet: a call whose arguments fail to encode, even by a panic, leaves no
    /// trace here.
    #[inline]
    pub(super) fn vacant(&mut self) -> CallId {
        if self.free.is_empty() {
            let fresh = u32::try_from(self.slots.len()).expect("`max_in_flight` is below 2^32");
            self.slots.push(Slot {
                generation: 0,
                state: State::Free,
                begun: Begun::default(),
            });
            self.free.push(fresh);
        }
        let index = *self.free.last().expect("one was added if there was none");
        CallId::new(index, self.slots[index as usize].generation.wrapping_add(1))
    }

    /// Adds the call whose id [`vacant`](Self::vacant) gave last.
    #[inline]
    pub(super) fn insert(&mut self, call: CallId, begun: Begun) {
        let index = self.free.pop();
        debug_assert_eq!(index, Some(call.slot()));
        let slot = &mut self.slots[call.slot() as usize];
        slot.generation = call.generation();
        slot.state = State::Awaited(None);
        slot.begun = begun;
        self.len += 1;
    }

    /// The calls that the peer has, and whether they were given up.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Begun, bool)> {
        self.slots.iter().filter_map(|slot| match slot.state {
            State::Awaited(_) => Some((slot.begun, false)),
            State::Abandoned => Some((slot.begun, true)),
            State::Free | State::Answered(_) => None,
        })
    }

    /// Stores the answer of a call, and gives the task to wake.
    #[inline]
    pub(super) fn answer(
        &mut self,
        call: CallId,
        answer: Answer,
    ) -> Result<Option<Waker>, Violation> {
        let slot = self.slot(call).ok_or(Violation::NotInFlight(call))?;
        let (state, waker) = match std::mem::replace(&mut slot.state, State::Free) {
            State::Awaited(waker) => (State::Answered(answer), waker),
            State::Abandoned => (State::Free, None),
            // A second answer, or one to nobody: what was there stays.
            other => {
                slot.state = other;
                return Err(Violation::NotInFlight(call));
            }
        };
        let abandoned = matches!(state, State::Free);
        slot.state = state;
        self.len -= 1;
        if abandoned {
            self.free.push(call.slot());
        }
        Ok(waker)
    }

    /// Takes the answer, or leaves the waker for it.
    #[inline]
    pub(super) fn poll(&mut self, call: CallId, waker: &Waker) -> Poll<Answer> {
        let slot = self
            .slot(call)
            .expect("a call is polled only while it holds its slot");
        match &mut slot.state {
            State::Awaited(Some(old)) if old.will_wake(waker) => Poll::Pending,
            State::Awaited(old) => {
                *old = Some(waker.clone());
                Poll::Pending
            }
            State::Answered(_) => match std::mem::replace(&mut slot.state, State::Free) {
                State::Answered(answer) => {
                    self.free.push(call.slot());
                    Poll::Ready(answer)
                }
                _ => unreachable!("the state was matched a line above"),
            },
            State::Free | State::Abandoned => {
                unreachable!("a call that gave up its slot is not polled again")
            }
        }
    }

    /// True while the peer has the call and somebody here wants its answer.
    pub(super) fn is_awaited(&mut self, call: CallId) -> bool {
        let slot = self.slot(call);
        slot.is_some_and(|slot| matches!(slot.state, State::Awaited(_)))
    }

    /// Gives a call up; true when the peer has to be told.
    pub(super) fn abandon(&mut self, call: CallId) -> bool {
        let Some(slot) = self.slot(call) else {
            return false;
        };
        match slot.state {
            State::Awaited(_) => {
                slot.state = State::Abandoned;
                true
            }
            State::Answered(_) => {
                slot.state = State::Free;
                self.free.push(call.slot());
                false
            }
            State::Free | State::Abandoned => false,
        }
    }

    /// Answers everything that is left with `error`, and gives the tasks to wake (C1).
    pub(super) fn fail_all(&mut self, error: &Error) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for (index, slot) in (0..).zip(&mut self.slots) {
            match &mut slot.state {
                State::Awaited(waker) => {
                    wakers.extend(waker.take());
                    slot.state = State::Answered(Err(error.clone()));
                }
                State::Abandoned => {
                    slot.state = State::Free;
                    self.free.push(index);
                }
                State::Free | State::Answered(_) => {}
            }
        }
        self.len = 0;
        wakers
    }

    #[inline]
    fn slot(&mut self, call: CallId) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(call.slot() as usize)?;
        (slot.generation == call.generation()).then_some(slot)
    }
}

//! Ends of streams that are held back until it is known why they come.

use std::cell::RefCell;

use super::stream::Half;

thread_local! {
    /// The writers that were dropped by the code which is being polled on this thread, the
    /// innermost last.
    static DROPPED: RefCell<Vec<Vec<Half>>> = const { RefCell::new(Vec::new()) };
}

/// Ends of streams that are held back until it is known why they come.
///
/// A writer that is dropped says that its items have ended on purpose. Code that fails drops its
/// writers, too, a moment before anybody knows that it has failed; the other end would read a clean
/// end and take it for one. So the end waits until the code awaits something, which means that it
/// goes on without the writer, or until its own end is told, which cuts the stream off.
#[derive(Debug, Default)]
pub(crate) struct HeldEnds(Vec<Half>);

impl HeldEnds {
    /// Holds back the ends of the streams whose writers are dropped on this thread, until the guard
    /// is.
    pub(crate) fn hold(&mut self) -> Holds<'_> {
        DROPPED.with_borrow_mut(|dropped| dropped.push(Vec::new()));
        Holds(self)
    }

    /// The code goes on, or has ended as it should: tells the ends. Where it is part of other such
    /// code, that has the last word.
    pub(crate) fn tell(&mut self) {
        self.0.drain(..).for_each(drop_writer);
    }
}

impl Drop for HeldEnds {
    fn drop(&mut self) {
        self.tell();
    }
}

/// Keeps what is dropped meanwhile, also when the code panics.
#[must_use = "it holds only while it is there"]
pub(crate) struct Holds<'a>(&'a mut HeldEnds);

impl Drop for Holds<'_> {
    fn drop(&mut self) {
        let dropped = DROPPED.with_borrow_mut(Vec::pop).unwrap_or_default();
        self.0.0.extend(dropped);
    }
}

/// Nobody writes any more: to be told now, or later.
pub(super) fn drop_writer(half: Half) {
    let told_now = DROPPED.with_borrow_mut(|dropped| match dropped.last_mut() {
        Some(held) => {
            held.push(half);
            None
        }
        None => Some(half),
    });
    if let Some(Half { link, key }) = told_now {
        link.on_core(|core| core.drop_writer(key));
    }
}

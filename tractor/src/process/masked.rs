//! Signals that a thread is spared for a while.

use std::io;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// Keeps a signal from this thread, and from what it starts, until dropped.
pub(super) struct Masked(SigSet);

impl Masked {
    pub(super) fn new(signal: Signal) -> io::Result<Self> {
        let signal = SigSet::from(signal);
        Ok(Self(signal.thread_swap_mask(SigmaskHow::SIG_BLOCK)?))
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        self.0
            .thread_set_mask()
            .expect("a mask that was in force before is valid");
    }
}

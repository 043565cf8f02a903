//! What stands in for the terminal where there is no prompt: nothing.

/// There is none.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StandIn {}

impl StandIn {
    pub(crate) fn engage() -> Option<Self> {
        None
    }

    pub(super) fn hold(self, _: impl FnMut() -> bool) {
        match self {}
    }

    pub(super) fn release(self) {
        match self {}
    }

    pub(super) fn leave(self) {
        match self {}
    }
}

pub(crate) fn give_up_terminal() {}

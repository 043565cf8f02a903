//! The state machine in conversations that tests make up, without I/O.

mod any_order;
mod calls;
mod hostile;

use crate::session::core::{Core, Limits, StartError};
use crate::session::in_flight::Begun;
use crate::wire::{CallId, FunctionId, Terms};

const LIMITS: Limits = Limits {
    in_flight: 8,
    frame: 4096,
    window: 256,
};

/// Starts a call without arguments, where nothing depends on what is called.
pub(super) fn start(core: &mut Core) -> Result<CallId, StartError> {
    core.start(
        FunctionId(1),
        Begun::default(),
        &Terms::default(),
        &mut |_| Ok(()),
    )
}

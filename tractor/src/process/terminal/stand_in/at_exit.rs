//! What is done when this process exits, whoever wants that.

use std::io;

use nix::libc::atexit;

/// Has `function` run when this process exits: when `main` has returned, and std has told of its error, or
/// when anybody calls `exit`. Not when the process is killed, or aborts.
///
/// # Errors
///
/// When there is no memory for that.
#[expect(unsafe_code, reason = "there is no safe way to say that")]
pub(super) fn at_exit(function: extern "C" fn()) -> io::Result<()> {
    // SAFETY: the function is there as long as the program, and takes nothing.
    match unsafe { atexit(function) } {
        0 => Ok(()),
        _ => Err(io::ErrorKind::OutOfMemory.into()),
    }
}

//! The lifeline: no process outlives its parent (S2).
//!
//! The child's end of the link hangs up the moment no process holds the other end, however the
//! parent died. A thread of its own watches for that, because a blocked executor could not.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

#[cfg(any(target_os = "linux", target_os = "android"))]
use super::deadman;
use super::group::kill_this;
use crate::base::on_own_thread;

/// What an orphan has to cancel itself in, before it is killed.
///
/// A tree of depth n whose executors are all blocked is gone after n times this.
const GRACE: Duration = Duration::from_millis(150);

/// Calls `orphaned` when the parent is gone, and makes sure that this process ends.
pub(crate) fn watch_lifeline(
    link: &UnixStream,
    orphaned: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    deadman::prepare()?;
    let link = link.try_clone()?;
    std::thread::Builder::new()
        .name("tractor-lifeline".into())
        .stack_size(64 << 10)
        .spawn(on_own_thread(move || {
            // If the parent died before this thread began, the hang-up is there already.
            wait_for_hang_up(&link);
            // Elsewhere an orphan that is stopped stays so until somebody continues it.
            #[cfg(any(target_os = "linux", target_os = "android"))]
            deadman::arm();
            orphaned();
            std::thread::sleep(GRACE);
            // SIGKILL, not an exit: an executor that is stuck may hold what an exit needs.
            kill_this();
        }))?;
    Ok(())
}

fn wait_for_hang_up(link: &UnixStream) {
    loop {
        // No event is asked for: hang-up and error are always reported, data never.
        let mut watched = [PollFd::new(link.as_fd(), PollFlags::empty())];
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(0) | Err(Errno::EINTR | Errno::EAGAIN) => {}
            // Whatever else there is to say about the link, it is no lifeline any more.
            Ok(_) | Err(_) => return,
        }
    }
}

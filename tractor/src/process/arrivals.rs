//! The signals that arrive at this process, in that order.

use std::io;
use std::iter::from_fn;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, recv, send};
use signal_hook_registry::register;
use tokio::io::Interest;

use super::masked::Masked;

/// The signals that arrive at this process, from when it is made on and for as long as the process runs.
///
/// Their handlers write to a socket of its own. tokio's signals cannot say that none is under way: any of its
/// runtimes may just have read what was written.
#[derive(Debug)]
pub(super) struct Arrivals {
    socket: tokio::net::UnixStream,
    signals: [Signal; 2],
}

impl Arrivals {
    /// Follows these; the signal's default is not done any more. Inside of a runtime.
    ///
    /// # Errors
    ///
    /// What the kernel refuses.
    pub(super) fn of(signals: [Signal; 2]) -> io::Result<Self> {
        let (socket, told) = UnixStream::pair()?;
        for signal in signals {
            tell(signal, told.try_clone()?)?;
        }
        socket.set_nonblocking(true)?;
        let socket = tokio::net::UnixStream::from_std(socket)?;
        Ok(Self { socket, signals })
    }

    /// Resolves when one has arrived.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it has resolved, it has taken none.
    pub(super) async fn next(&self) -> Signal {
        loop {
            if self.socket.readable().await.is_err() {
                // The runtime ends only with the process.
                return std::future::pending().await;
            }
            if let Ok(signal) = self.socket.try_io(Interest::READABLE, || self.take()) {
                return signal;
            }
        }
    }

    /// Those that have arrived by now, and of which [`next`](Self::next) has told nothing. One that another
    /// thread is in the middle of telling may be missing.
    pub(super) fn pending(&self) -> impl Iterator<Item = Signal> {
        // The kernel may have chosen a thread that has not come to a processor since. A thread that does not
        // mask a signal any more takes it from whoever was chosen, before it goes on.
        for signal in self.signals {
            drop(Masked::new(signal));
        }
        from_fn(|| self.take().ok())
    }

    fn take(&self) -> io::Result<Signal> {
        let mut number = [0];
        recv(self.socket.as_raw_fd(), &mut number, MsgFlags::MSG_DONTWAIT)?;
        Ok(Signal::try_from(i32::from(number[0]))?)
    }
}

/// Has `signal` told to `socket` when it arrives, as long as the process runs.
#[expect(
    unsafe_code,
    reason = "only the caller knows that a handler is async-signal-safe"
)]
pub(super) fn tell(signal: Signal, socket: UnixStream) -> io::Result<()> {
    let number = [u8::try_from(signal as i32).map_err(io::Error::other)?];
    let handler = move || {
        let before = Errno::last_raw();
        // Of so many that there is no room, one less does not matter.
        let _ = send(socket.as_raw_fd(), &number, MsgFlags::MSG_DONTWAIT);
        Errno::set_raw(before);
    };
    // SAFETY: it makes one system call, and keeps `errno`.
    unsafe { register(signal as i32, handler) }?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    use super::Arrivals;
    use crate::base::block_on;

    /// Nobody else in these tests uses it.
    const SIGNAL: Signal = Signal::SIGUSR2;

    fn runtime() -> tokio::runtime::Runtime {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        runtime.expect("it can be made")
    }

    #[test]
    fn what_was_sent_has_arrived_when_it_is_asked_for() {
        let runtime = runtime();
        let inside = runtime.enter();
        let arrivals = Arrivals::of([SIGNAL, Signal::SIGWINCH]).expect("there is room");
        drop(inside);
        assert_eq!(arrivals.pending().next(), None);
        let mut at_once = 0;
        for _ in 0..1000 {
            // The kernel chooses the first thread of a process, which is not this one, and sleeps.
            kill(Pid::this(), SIGNAL).expect("it is this process");
            let arrived = arrivals.pending().next();
            at_once += u32::from(arrived.is_some());
            // That thread may be about to tell.
            let arrived = arrived.unwrap_or_else(|| block_on(&runtime, arrivals.next()));
            assert_eq!(arrived, SIGNAL);
            assert_eq!(arrivals.pending().next(), None);
        }
        assert!(at_once > 500, "{at_once} of 1000");
    }
}

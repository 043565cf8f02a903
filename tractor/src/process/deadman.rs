//! The timer that ends an orphan even when it is stopped (S2).
//!
//! A stopped process runs no thread that could watch a lifeline, and one that is stopped a moment
//! after its parent died has missed the wake-up. So the kernel does both: when the parent dies it
//! sends SIGCONT, whose handler arms a timer, and the timer sends SIGKILL, which needs nobody's
//! cooperation.
//!
//! Two gaps are left. A child that is stopped before it comes here, in its first milliseconds, stays
//! stopped when its parent dies: `posix_spawn` gives birth to nobody who has a death signal already.
//! And a stop signal that is sent after the parent's death, and before this process was able to handle
//! the SIGCONT, within microseconds, or milliseconds on a busy machine, takes that one back. The kernel
//! would close this gap with SIGKILL as the death signal, which would leave an orphan no time to cancel
//! itself.
//!
//! What the timer kills, it kills alone: the process group of an actor that leads one is left. That
//! takes an orphan that is stopped once more, after the first SIGCONT.
//!
//! SIGCONT may also come from a shell's `fg`, or because the parent's *thread* ended that started
//! this process: the handler arms nothing while the parent lives. It is chained through tokio's
//! own registry, so that other handlers of the program run, too.

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};
use std::time::Duration;

use nix::libc;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid};

/// The timer, once it is [`READY`]. Null is a timer like any other: the kernel counts from zero.
static TIMER: AtomicPtr<libc::c_void> = AtomicPtr::new(ptr::null_mut());
static READY: AtomicBool = AtomicBool::new(false);

/// The process that may not die first.
static PARENT: AtomicI32 = AtomicI32::new(0);

/// What an orphan has from its parent's death on, if it is stopped meanwhile. Longer than what the
/// lifeline leaves it, which is the usual end.
const LIMIT: Duration = Duration::from_millis(300);

/// Prepares everything for the moment in which the parent dies; it may have died already.
pub(super) fn prepare() -> io::Result<()> {
    PARENT.store(getppid().as_raw(), Ordering::Relaxed);
    TIMER.store(create_timer()?, Ordering::Relaxed);
    // Published with the timer it stands for.
    READY.store(true, Ordering::Release);
    arm_when_continued()?;
    nix::sys::prctl::set_pdeathsig(Signal::SIGCONT)?;
    Ok(())
}

/// Starts the time that an orphan still has. Async-signal-safe.
pub(super) fn arm() {
    if !READY.load(Ordering::Acquire) {
        return;
    }
    let once = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let limit = libc::itimerspec {
        it_interval: once,
        it_value: libc::timespec {
            tv_nsec: libc::c_long::from(LIMIT.subsec_nanos().cast_signed()),
            ..once
        },
    };
    set_timer(TIMER.load(Ordering::Relaxed), &limit);
}

#[expect(unsafe_code, reason = "no safe timer can be set from a signal handler")]
fn set_timer(timer: *mut libc::c_void, limit: &libc::itimerspec) {
    // SAFETY: the timer was created by `create_timer` and is never deleted; `limit` is valid.
    unsafe { libc::timer_settime(timer, 0, limit, ptr::null_mut()) };
}

#[expect(unsafe_code, reason = "no safe timer can be set from a signal handler")]
fn create_timer() -> io::Result<*mut libc::c_void> {
    // SAFETY: all bytes of the plain C struct may be zero.
    let mut event: libc::sigevent = unsafe { MaybeUninit::zeroed().assume_init() };
    event.sigev_notify = libc::SIGEV_SIGNAL;
    event.sigev_signo = libc::SIGKILL;
    let mut timer = ptr::null_mut();
    // SAFETY: both pointers are valid for the call.
    match unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer) } {
        0 => Ok(timer),
        _ => Err(io::Error::last_os_error()),
    }
}

#[expect(
    unsafe_code,
    reason = "only the caller knows that a handler is async-signal-safe"
)]
fn arm_when_continued() -> io::Result<()> {
    let continued = || {
        if getppid() != Pid::from_raw(PARENT.load(Ordering::Relaxed)) {
            arm();
        }
    };
    // SAFETY: `getppid`, `timer_settime` and atomic loads are async-signal-safe.
    unsafe { signal_hook_registry::register(libc::SIGCONT, continued) }?;
    Ok(())
}

//! The signals of a terminal or a service manager.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use nix::sys::signal::{SigSet, Signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep_until;

use super::arrivals::Arrivals;
use super::interrupt::{Escalation, Exit, Interrupt};
use crate::base::{block_on, on_own_thread};

/// The exit code of a root that a SIGINT has ended.
const INTERRUPTED: i32 = 128 + Signal::SIGINT as i32;

/// The roots of this process that follow signals now; one that has returned follows no more.
static FOLLOWING: AtomicUsize = AtomicUsize::new(0);

/// Follows SIGINT and SIGTERM on a thread of its own, so that a root whose executor is blocked
/// still hears them.
#[derive(Debug)]
pub(crate) struct Interrupts {
    state: watch::Receiver<Interrupt>,
    interrupter: Interrupter,
}

/// What the following thread is asked for.
#[derive(Debug)]
enum Ask {
    /// To say what was asked for, once it has seen what is there.
    CatchUp(oneshot::Sender<Interrupt>),
    /// To do as after a SIGINT.
    Interrupt,
    /// To wait for a root that reaps what it has killed.
    Reaping,
    /// To wait no longer: it has.
    Reaped,
}

/// Does as a SIGINT does, and knows what signals have come.
#[derive(Debug, Clone)]
pub(crate) struct Interrupter(mpsc::UnboundedSender<Ask>);

impl Interrupter {
    pub(crate) fn interrupt(&self) {
        // Without a root that follows there is nobody to interrupt.
        let _ = self.0.send(Ask::Interrupt);
    }

    /// Says that the executor is not blocked, and reaps what it has killed.
    pub(crate) fn reaping(&self) {
        let _ = self.0.send(Ask::Reaping);
    }

    /// Says that all is reaped, and that nothing is left to do but to exit.
    pub(crate) fn reaped(&self) {
        let _ = self.0.send(Ask::Reaped);
    }

    /// Returns once the signals that have come by now are followed; blocks the thread.
    pub(crate) fn catch_up(&self) {
        let _ = self.ask().blocking_recv();
    }

    /// What is asked for by now, signals included that only the kernel has seen yet.
    pub(crate) async fn now(&self) -> Interrupt {
        // Without a root that follows there is nobody to ask for anything.
        self.ask().await.unwrap_or(Interrupt::None)
    }

    fn ask(&self) -> oneshot::Receiver<Interrupt> {
        let (reply, caught_up) = oneshot::channel();
        let _ = self.0.send(Ask::CatchUp(reply));
        caught_up
    }
}

impl Interrupts {
    /// Starts following. `exit` runs on the following thread when a root that a second signal is to end
    /// has not done so itself; as long as somebody is `at_prompt`, a SIGINT is for that one.
    pub(crate) fn follow(
        exit: impl Fn(i32) + Send + 'static,
        at_prompt: impl Fn() -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let arrivals = {
            let _inside = runtime.enter();
            Arrivals::of([Signal::SIGINT, Signal::SIGTERM])?
        };
        let (sender, state) = watch::channel(Interrupt::None);
        let (asker, mut asked) = mpsc::unbounded_channel();
        std::thread::Builder::new()
            .name("tractor-signals".into())
            .spawn(on_own_thread(move || {
                let mut escalation = Escalation::new(sender);
                let obey = |escalation: &mut Escalation, signal| match signal {
                    // Who sits at a prompt does not mean the tree.
                    Signal::SIGINT if at_prompt() => {}
                    signal => end(escalation, 128 + signal as i32),
                };
                block_on(&runtime, async {
                    loop {
                        tokio::select! {
                            biased;
                            code = due(escalation.exit()) => exit(code),
                            signal = arrivals.next() => obey(&mut escalation, signal),
                            Some(ask) = asked.recv() => match ask {
                                Ask::CatchUp(reply) => {
                                    arrivals.pending().for_each(|signal| obey(&mut escalation, signal));
                                    let _ = reply.send(escalation.asked());
                                }
                                // Who quits means no more than whoever has asked for the end before.
                                Ask::Interrupt if escalation.asked() == Interrupt::None => {
                                    end(&mut escalation, INTERRUPTED);
                                }
                                Ask::Interrupt => {}
                                Ask::Reaping => escalation.reaping(Instant::now()),
                                Ask::Reaped => escalation.reaped(Instant::now()),
                            },
                        }
                    }
                });
            }))?;
        FOLLOWING.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            state,
            interrupter: Interrupter(asker),
        })
    }

    /// What does as a SIGINT does, and knows what signals have come.
    pub(crate) fn interrupter(&self) -> &Interrupter {
        &self.interrupter
    }

    /// Resolves when the end is asked for, with the exit code for it.
    pub(crate) async fn end(&mut self) -> i32 {
        self.code(|asked| match asked {
            Interrupt::None => None,
            Interrupt::Graceful(code) | Interrupt::Hard(code) => Some(code),
        })
        .await
    }

    /// Resolves when an end at once is asked for, with the exit code for it.
    pub(crate) async fn hard_end(&mut self) -> i32 {
        self.code(|asked| match asked {
            Interrupt::None | Interrupt::Graceful(_) => None,
            Interrupt::Hard(code) => Some(code),
        })
        .await
    }

    async fn code(&mut self, of: impl Fn(Interrupt) -> Option<i32>) -> i32 {
        loop {
            if let Some(code) = of(*self.state.borrow_and_update()) {
                return code;
            }
            if self.state.changed().await.is_err() {
                // The following thread ends only with the process.
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Someone asks for the end, with this exit code.
fn end(escalation: &mut Escalation, code: i32) {
    match escalation.is_over() {
        false => escalation.interrupt(code, Instant::now()),
        // This root has returned. Its handler stays installed, so that the signal's default, to end the
        // process, has to be done by hand.
        true if FOLLOWING.load(Ordering::Relaxed) == 0 => {
            escalation.exit_soon(code, Instant::now());
        }
        true => {}
    }
}

/// Resolves when it is time to exit, with the code for that.
async fn due(exit: Option<Exit>) -> i32 {
    match exit {
        Some(exit) => {
            sleep_until(exit.at.into()).await;
            exit.code
        }
        None => std::future::pending().await,
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        FOLLOWING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes a child deaf to the terminal's SIGINT: only its parent cancels it.
///
/// A handler that does nothing, instead of ignoring the signal: processes that a handler of the
/// user starts get the default back, as they expect.
#[expect(
    unsafe_code,
    reason = "only the caller knows that a handler is async-signal-safe"
)]
pub(crate) fn ignore_interrupts() -> io::Result<()> {
    // SAFETY: what does nothing is async-signal-safe.
    unsafe { signal_hook_registry::register(Signal::SIGINT as i32, || {}) }?;
    // The spawner masked the signal until here.
    SigSet::from(Signal::SIGINT).thread_unblock()?;
    Ok(())
}

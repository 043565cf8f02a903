//! The signals of a terminal or a service manager.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::sys::signal::{SigSet, Signal};
use tokio::sync::{mpsc, oneshot, watch};

use super::arrivals::Arrivals;
use crate::base::{block_on, on_own_thread};

/// What SIGINT and SIGTERM have asked of the root so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// Nothing.
    None,
    /// To end gracefully, and exit with this code.
    Graceful(i32),
    /// To end at once, and exit with this code.
    Hard(i32),
}

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
}

/// Does as a SIGINT does, and knows what signals have come.
#[derive(Debug, Clone)]
pub(crate) struct Interrupter(mpsc::UnboundedSender<Ask>);

impl Interrupter {
    pub(crate) fn interrupt(&self) {
        // Without a root that follows there is nobody to interrupt.
        let _ = self.0.send(Ask::Interrupt);
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
    /// Starts following. `hard` runs on the following thread after the second signal, and ends
    /// the process if nothing else does; as long as somebody is `at_prompt`, a SIGINT is for that one.
    pub(crate) fn follow(
        hard: impl Fn(i32) + Send + 'static,
        at_prompt: impl Fn() -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
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
                let end = |code| {
                    let before = *sender.borrow();
                    match before {
                        // This root has returned. Its handler stays installed, so that the
                        // signal's default, to end the process, has to be done by hand.
                        _ if sender.is_closed() => {
                            if FOLLOWING.load(Ordering::Relaxed) == 0 {
                                hard(code);
                            }
                        }
                        Interrupt::None => {
                            sender.send_replace(Interrupt::Graceful(code));
                        }
                        Interrupt::Graceful(first) | Interrupt::Hard(first) => {
                            sender.send_replace(Interrupt::Hard(first));
                            hard(first);
                        }
                    }
                };
                let obey = |signal| match signal {
                    // Who sits at a prompt does not mean the tree.
                    Signal::SIGINT if at_prompt() => {}
                    signal => end(128 + signal as i32),
                };
                block_on(&runtime, async {
                    loop {
                        tokio::select! {
                            biased;
                            signal = arrivals.next() => obey(signal),
                            Some(ask) = asked.recv() => match ask {
                                Ask::CatchUp(reply) => {
                                    arrivals.pending().for_each(obey);
                                    let _ = reply.send(*sender.borrow());
                                }
                                // Who quits means no more than whoever has asked for the end before.
                                Ask::Interrupt if *sender.borrow() == Interrupt::None => {
                                    end(INTERRUPTED);
                                }
                                Ask::Interrupt => {}
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

    /// Resolves when more is asked than was before.
    pub(crate) async fn next(&mut self) -> Interrupt {
        if self.state.changed().await.is_err() {
            // The following thread ends only with the process.
            std::future::pending::<()>().await;
        }
        *self.state.borrow_and_update()
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

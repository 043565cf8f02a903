//! The one task that owns a link's bytes.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

use super::action::{Ask, Request};
use super::link::{Link, Received};
use crate::base::Aid;
use crate::transport::{Carrier, Frames};
use crate::wire::{CallId, Violation};

/// What the peer asks of this actor; the rpc layer answers.
pub(crate) trait Dispatch: Send + 'static {
    /// Runs a function; the answer goes through the link.
    fn start(&mut self, request: Request, cx: &mut Context<'_>) -> Result<(), Violation>;
    /// Cancels a call that was started.
    fn cancel(&mut self, call: CallId);
    /// Cancels everything; the request is acknowledged already.
    fn cancel_actor(&mut self, by: Aid);
}

/// How a link's owner ends it in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The peer is dead: handle what it had sent, then end.
    Read,
    /// Nothing more will be said: write what there is, then end.
    Write,
}

/// Why a driver ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The peer closed its end.
    Closed,
    /// As its owner asked.
    Finished,
    /// The operating system refused to read or write.
    Io(io::Error),
    /// The peer broke the protocol.
    Violation(Violation),
}

/// Moves bytes between a carrier and a [`Link`], and hands requests to a [`Dispatch`].
pub(crate) struct Driver<C, D> {
    frames: Frames<C>,
    link: Link,
    dispatch: D,
    /// Whom a batch of messages wakes.
    wakers: Vec<Waker>,
    finish: Option<oneshot::Receiver<Finish>>,
    finishing: Option<Finish>,
}

/// How many batches are read, and written, before others have their turn: a carrier whose peer keeps
/// up never makes the driver wait.
const TURNS: usize = 4;

/// What the dead have left is read in fewer reads than this, of 4 KiB at least. Somebody to whom they have
/// left their end could write for ever.
const LEFT: usize = 4096;

/// After so many messages, what they have led to is written: the peer works on it while this end works
/// on the next.
const BATCH: usize = 4;

/// Of so many messages that have come at once. Behind those, the peer has enough to do, and larger
/// batches cost less.
const SOON: usize = 64;

impl<C: Carrier, D: Dispatch> Driver<C, D> {
    /// A driver and the way to end it in order.
    pub(crate) fn new(
        frames: Frames<C>,
        link: Link,
        dispatch: D,
    ) -> (Self, oneshot::Sender<Finish>) {
        let (sender, finish) = oneshot::channel();
        let driver = Self {
            frames,
            link,
            dispatch,
            wakers: Vec::new(),
            finish: Some(finish),
            finishing: None,
        };
        (driver, sender)
    }

    /// Drives the link to its end. The owner then closes it with the reason that it knows.
    pub(crate) async fn run(mut self) -> Ended {
        // What the handshake has read beyond its last frame.
        if let Err(ended) = poll_fn(|cx| Poll::Ready(self.handle_frames(cx))).await {
            return ended;
        }
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let finishing = self.finishing.is_some();
        let mut poll = poll_fn(|cx| match self.try_poll(cx) {
            Ok(poll) => poll,
            Err(ended) => Poll::Ready(ended),
        });
        // At the end, a read that is pending means that there is no more: not that tokio's budget
        // for this turn is used up.
        match finishing {
            true => pin!(unconstrained(poll)).poll(cx),
            false => Pin::new(&mut poll).poll(cx),
        }
    }

    fn try_poll(&mut self, cx: &mut Context<'_>) -> Result<Poll<Ended>, Ended> {
        if let Some(receiver) = &mut self.finish
            && let Poll::Ready(finish) = Pin::new(receiver).poll(cx)
        {
            self.finish = None;
            self.finishing = finish.ok();
            // Once more, now that the end is known.
            cx.waker().wake_by_ref();
            return Ok(Poll::Pending);
        }
        // First what waits here: it holds up the peer. What goes wrong with that goes wrong again, when
        // what has come before is read.
        let mut written = self.poll_write(cx).ok();
        for turn in 1.. {
            let read = self.poll_read(cx)?;
            let idle = match written {
                Some(idle) if read.is_pending() => idle,
                _ => self.poll_write(cx)?,
            };
            written = Some(idle);
            match self.finishing {
                // The dead write no more: what a read did not give now will never come.
                Some(Finish::Read) if read.is_pending() || turn >= LEFT => {
                    return Ok(Poll::Ready(Ended::Finished));
                }
                Some(Finish::Write) if idle.is_ready() => return Ok(Poll::Ready(Ended::Finished)),
                _ => {}
            }
            if read.is_pending() {
                return Ok(Poll::Pending);
            }
            if turn >= TURNS && self.finishing.is_none() {
                break;
            }
        }
        // There may be more, and the tasks that wait for what was read come first.
        cx.waker().wake_by_ref();
        Ok(Poll::Pending)
    }

    /// Reads once and handles every frame that this completed.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, Ended> {
        match self.frames.poll_fill(cx) {
            Poll::Pending => return Ok(Poll::Pending),
            Poll::Ready(Ok(0)) => return Err(Ended::Closed),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) if is_close(&error) => return Err(Ended::Closed),
            Poll::Ready(Err(error)) => return Err(Ended::Io(error)),
        }
        self.handle_frames(cx)?;
        Ok(Poll::Ready(()))
    }

    fn handle_frames(&mut self, cx: &mut Context<'_>) -> Result<(), Ended> {
        let (mut handled, mut batch_end) = (0, BATCH);
        loop {
            let (most, next) = (batch_end - handled, || self.frames.decode());
            let received = self.link.receive(most, next, &mut self.wakers);
            self.wakers.drain(..).for_each(Waker::wake);
            let Received { count, ask } = received?;
            handled += count;
            match ask {
                Some(Ask::Start(request)) => self.dispatch.start(request, cx)?,
                Some(Ask::Cancel(call)) => self.dispatch.cancel(call),
                Some(Ask::CancelActor(by)) => self.dispatch.cancel_actor(by),
                None if count == 0 => return Ok(()),
                None => {}
            }
            if handled == batch_end {
                batch_end += if handled < SOON { BATCH } else { SOON };
                // What goes wrong here goes wrong again, when what was read is handled.
                let _ = self.poll_write(cx);
            }
        }
    }

    /// Writes batch after batch, until there is nothing left or the kernel takes no more.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, Ended> {
        for _ in 0..TURNS {
            match self.frames.poll_write(cx) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(Ok(())) => {}
                // The peer reads no more. What it wrote before may still be there to read.
                Poll::Ready(Err(error)) if is_close(&error) => return Ok(Poll::Ready(())),
                Poll::Ready(Err(error)) => return Err(Ended::Io(error)),
            }
            let frames = &mut self.frames;
            self.link
                .take_outbound(cx, |batch| frames.swap_outbound(batch));
            if !self.frames.is_writing() {
                return Ok(Poll::Ready(()));
            }
        }
        // There is more, and the tasks that have something to say beside that come first.
        cx.waker().wake_by_ref();
        Ok(Poll::Pending)
    }
}

impl From<Violation> for Ended {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

/// A dead peer shows as a reset, or as a broken pipe when there was something to tell it.
fn is_close(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

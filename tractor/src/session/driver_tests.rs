//! Drivers over an in-memory carrier.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf, duplex, join, sink};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Dispatch, Driver, Ended, Finish, Limits, Link, Request, Ticket};
use crate::base::{Aid, ConfigError, Error};
use crate::transport::{Carrier, Frames};
use crate::wire::{CallId, FunctionId, Kind, Terms, Violation, encode};

const LIMITS: Limits = Limits {
    in_flight: 64,
    frame: 1 << 20,
    window: 4096,
};

/// Calls of this function are never answered until they are cancelled.
const SILENT: FunctionId = FunctionId(0);
/// Calls of this function are answered with their arguments.
const ECHO: FunctionId = FunctionId(1);

struct Echo(Link);

impl Dispatch for Echo {
    fn start(&mut self, request: Request, cx: &mut Context<'_>) -> Result<(), Violation> {
        if request.function == ECHO {
            let mut answer = |frame: &mut crate::wire::Encoder<'_>| frame.encoded(&request.args);
            let mut ticket = Ticket::default();
            let answered = self
                .0
                .poll_give_back(&mut ticket, cx, request.call, &mut answer);
            assert!(matches!(answered, Poll::Ready(Ok(()))), "{answered:?}");
        }
        Ok(())
    }

    fn cancel(&mut self, call: CallId) {
        self.0.acknowledge(call, self.0.peer());
    }

    fn cancel_actor(&mut self, by: Aid) {
        self.0
            .close(&ConfigError::new(format!("cancelled by {by}")).into());
    }
}

fn aid(name: &str) -> Aid {
    Aid::of_this_process(name, 1)
}

/// One end of a session whose driver runs in a task of `tasks`.
fn end(
    tasks: &mut JoinSet<Ended>,
    names: (&str, &str),
    carrier: impl Carrier + 'static,
) -> (Link, oneshot::Sender<Finish>) {
    let link = Link::new(aid(names.0), aid(names.1), LIMITS);
    let frames = Frames::new(carrier, LIMITS.frame);
    let (driver, finish) = Driver::new(frames, link.clone(), Echo(link.clone()));
    tasks.spawn(driver.run());
    (link, finish)
}

/// Calls the peer and waits for the answer; paused time makes a hang fail at once.
async fn call(link: &Link, function: FunctionId, args: &[u8]) -> Result<Bytes, Error> {
    let mut ticket = Ticket::default();
    let answered = async {
        let start = |cx: &mut Context<'_>| {
            link.poll_start(
                &mut ticket,
                cx,
                (function, "echo"),
                &Terms::default(),
                &mut |frame| frame.encoded(args),
            )
        };
        let call = std::future::poll_fn(start)
            .await
            .expect("the session is open, the frame small");
        std::future::poll_fn(|cx| link.poll(call, cx)).await
    };
    timeout(Duration::from_secs(3600), answered)
        .await
        .expect("every call resolves")
}

#[tokio::test(start_paused = true)]
async fn answers_find_their_callers() {
    let (here, there) = duplex(100);
    let mut tasks = JoinSet::new();
    let (caller, _caller) = end(&mut tasks, ("a", "b"), here);
    let (_link, _callee) = end(&mut tasks, ("b", "a"), there);
    let mut calls = JoinSet::new();
    for n in 0..500_u32 {
        let caller = caller.clone();
        calls.spawn(async move {
            let args = n.to_le_bytes().repeat(1 + n as usize % 50);
            let answer = call(&caller, ECHO, &args).await.expect("it is echoed");
            assert_eq!(answer, args);
        });
    }
    assert_eq!(calls.join_all().await.len(), 500);
}

#[tokio::test(start_paused = true)]
async fn hang_up_ends_the_driver() {
    let (here, there) = duplex(100);
    let mut tasks = JoinSet::new();
    let (_link, _finish) = end(&mut tasks, ("a", "b"), here);
    drop(there);
    assert!(matches!(tasks.join_next().await, Some(Ok(Ended::Closed))));
}

#[tokio::test(start_paused = true)]
async fn garbage_ends_the_driver_with_one_violation() {
    let (here, mut there) = duplex(100);
    let mut tasks = JoinSet::new();
    let (_link, _finish) = end(&mut tasks, ("a", "b"), here);
    there
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .await
        .expect("room for it");
    let ended = tasks.join_next().await;
    assert!(
        matches!(
            ended,
            Some(Ok(Ended::Violation(Violation::FrameTooLarge { .. })))
        ),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn closing_fails_what_is_in_flight() {
    let (here, there) = duplex(100);
    let mut tasks = JoinSet::new();
    let (caller, _caller) = end(&mut tasks, ("a", "b"), here);
    let (_link, _callee) = end(&mut tasks, ("b", "a"), there);
    let (answer, ()) = tokio::join!(call(&caller, SILENT, b""), async {
        tokio::task::yield_now().await;
        caller.close(&ConfigError::new("over").into());
    });
    assert_eq!(answer.expect_err("nobody answered").to_string(), "over");
}

#[tokio::test(start_paused = true)]
async fn dead_peer_is_read_to_its_last_word() {
    let (here, mut there) = duplex(1 << 16);
    let mut tasks = JoinSet::new();
    let (caller, finish) = end(&mut tasks, ("a", "b"), here);
    let mut cx = Context::from_waker(Waker::noop());
    let started = caller.poll_start(
        &mut Ticket::default(),
        &mut cx,
        (ECHO, "echo"),
        &Terms::default(),
        &mut |_| Ok(()),
    );
    let Poll::Ready(Ok(call)) = started else {
        panic!("there is room");
    };
    let mut last_word = Vec::new();
    encode(&mut last_word, LIMITS.frame, Kind::Return, |frame| {
        frame.call(call);
        frame.encoded(b"last word")
    })
    .expect("it is small");
    there.write_all(&last_word).await.expect("room for it");
    // The carrier stays open, as a socket does that something else inherited.
    finish.send(Finish::Read).expect("the driver lives");
    assert!(matches!(tasks.join_next().await, Some(Ok(Ended::Finished))));
    let answer = caller.poll(call, &mut Context::from_waker(Waker::noop()));
    assert!(matches!(answer, Poll::Ready(Ok(bytes)) if bytes == "last word"));
}

/// What is read from a peer that never ends: it cancels a call that is none, again and again.
struct Endless {
    frames: Vec<u8>,
    reads: usize,
}

impl AsyncRead for Endless {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.reads += 1;
        assert!(self.reads < 10_000, "it is read for ever");
        buffer.put_slice(&self.frames);
        Poll::Ready(Ok(()))
    }
}

/// As the dead do whose end somebody else has inherited.
#[tokio::test(start_paused = true)]
async fn dead_peer_that_writes_for_ever_is_not_read_for_ever() {
    let mut frames = Vec::new();
    encode(&mut frames, LIMITS.frame, Kind::Cancel, |frame| {
        frame.call(CallId::new(0, 0));
        Ok::<_, Infallible>(())
    })
    .expect("it is small");
    let mut tasks = JoinSet::new();
    let carrier = join(Endless { frames, reads: 0 }, sink());
    let (_link, finish) = end(&mut tasks, ("a", "b"), carrier);
    finish.send(Finish::Read).expect("the driver lives");
    assert!(matches!(tasks.join_next().await, Some(Ok(Ended::Finished))));
}

#[tokio::test(start_paused = true)]
async fn last_words_are_written_before_the_end() {
    let (here, mut there) = duplex(7);
    let mut tasks = JoinSet::new();
    let (link, finish) = end(&mut tasks, ("a", "b"), here);
    link.cancel_actor(&aid("a"));
    finish.send(Finish::Write).expect("the driver lives");
    drop(link);
    let mut written = Vec::new();
    there
        .read_to_end(&mut written)
        .await
        .expect("memory does not fail");
    assert!(matches!(tasks.join_next().await, Some(Ok(Ended::Finished))));
    assert_eq!(
        written.len() - 4,
        usize::from(written[0]),
        "one whole frame"
    );
}

/// Invariant B1.
#[tokio::test(start_paused = true)]
async fn full_link_makes_callers_wait_in_bounded_memory() {
    let (here, there) = duplex(100);
    let mut tasks = JoinSet::new();
    let (caller, _finish) = end(&mut tasks, ("a", "b"), here);
    // Nobody reads the other end, so that what is written stays here.
    let large = vec![0; 100 << 10];
    let mut sent = 0;
    let mut ticket = Ticket::default();
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(started) = caller.poll_start(
        &mut ticket,
        &mut cx,
        (ECHO, "echo"),
        &Terms::default(),
        &mut |frame| frame.encoded(&large),
    ) {
        started.expect("it fits");
        sent += 1;
        assert!(sent < 10, "the outbound buffer is bounded");
    }
    drop(there);
    assert!(matches!(tasks.join_next().await, Some(Ok(Ended::Closed))));
}

/// A future that is alive but not polled holds nobody up who is.
#[tokio::test(start_paused = true)]
async fn idle_head_of_the_line_blocks_nobody() {
    let (here, there) = duplex(100);
    let mut tasks = JoinSet::new();
    let (caller, _caller) = end(&mut tasks, ("a", "b"), here);
    let (_link, _callee) = end(&mut tasks, ("b", "a"), there);
    let large = vec![1; 300 << 10];
    let mut filling = pin!(call(&caller, ECHO, &large));
    let mut waiting = pin!(call(&caller, ECHO, &large));
    // In the order of polling: the first fills the link, the second waits at the head of the line.
    for call in [&mut filling, &mut waiting] {
        assert!(
            call.as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    // From here on nobody polls the head.
    let answers = futures_util::future::join_all((0..100).map(|_| call(&caller, ECHO, b"small")));
    for answer in answers.await {
        assert_eq!(answer.expect("it is echoed"), "small");
    }
    assert_eq!(waiting.await.expect("it is echoed").len(), large.len());
    assert_eq!(filling.await.expect("it is echoed").len(), large.len());
}

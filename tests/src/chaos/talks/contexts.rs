//! The function at the other end of a context, and what both ends do with its stream.

use std::future::pending;
use std::time::Duration;

use nix::sys::signal::{Signal, raise};
use tokio::time::{sleep, timeout};
use tractor::{Context, ContextStream, Overrun, ReceiveHalf, SendHalf};

use super::items::{Direction, Item, Lane, Reading, Sending};
use super::plan::{Finish, Reads, Talk};
use crate::chaos::deeds::{Begun, Fault};
use crate::chaos::log::write;

/// Talks over `stream`, then ends as it is to. The call `id` is that of the stream, or of the last leg
/// to it.
#[tractor::context]
pub async fn talk(
    ctx: Context<u32, Item, Item>,
    id: u64,
    stream: u64,
    talk: Talk,
) -> Result<u64, Fault> {
    let _begun = Begun::new(id);
    let started = ctx.started(std::process::id()).await;
    let started = started.expect("a number can be encoded");
    let lane = |direction, flow| Lane {
        stream,
        direction,
        flow,
    };
    let said = converse(
        started.open_stream(),
        lane(Direction::Up, talk.up),
        lane(Direction::Down, talk.down),
        talk.in_turns,
    );
    match talk.finishes_after {
        Some(millis) => {
            let early = timeout(Duration::from_millis(millis), said).await.is_err();
            if early && talk.finish == Finish::Never {
                write("leaving", &[&stream, &Direction::Up.word(), &true]);
            }
        }
        None => said.await,
    }
    finish(id, stream, talk.finish).await
}

/// Ends a function as it is to.
///
/// # Errors
///
/// The one that it is to fail with.
pub(super) async fn finish(id: u64, stream: u64, finish: Finish) -> Result<u64, Fault> {
    match finish {
        Finish::Returns => {
            write("returning", &[&id, &stream]);
            Ok(stream)
        }
        Finish::Fails => Err(Fault::new(id)),
        Finish::Panics => {
            write("failing", &[&id]);
            panic!("{}", Fault::panic(id));
        }
        Finish::Dies(signal) => {
            write("dying", &[&format!("signal:{signal}")]);
            let signal = Signal::try_from(signal).expect("a signal");
            raise(signal).expect("a process can signal itself");
            pending().await
        }
        Finish::Never => pending().await,
    }
}

/// Sends what is to be sent at this end of a stream, and reads what is to be read.
pub(super) async fn converse(
    stream: ContextStream<Item, Item>,
    out: Lane,
    back: Lane,
    in_turns: bool,
) {
    let stream = match out.flow.lossy {
        true => stream.overrun(Overrun::DropOldest),
        false => stream,
    };
    let (sending, reading) = (Sending::new(out), Reading::new(back));
    if in_turns && back.flow.reads == Reads::All {
        return by_turns(stream, sending, reading, out.flow.closes).await;
    }
    let (sender, receiver) = stream.split();
    tokio::join!(
        send(sender, sending, out.flow.closes),
        read(receiver, reading)
    );
}

async fn by_turns(
    mut stream: ContextStream<Item, Item>,
    mut sending: Sending,
    mut reading: Reading,
    closes: bool,
) {
    while let Some(item) = sending.item() {
        sending.note(stream.send(item).await);
        if !reading.is_over() {
            reading.waits();
            reading.note(stream.next().await);
        }
    }
    sending.all();
    match closes {
        true => drop(stream.close().await),
        false => {
            let (sender, receiver) = stream.split();
            drop(sender);
            return read(receiver, reading).await;
        }
    }
    while !reading.is_over() {
        reading.waits();
        reading.note(stream.next().await);
    }
}

async fn send(mut half: SendHalf<Item>, mut sending: Sending, closes: bool) {
    while let Some(item) = sending.item() {
        sending.note(half.send(item).await);
    }
    sending.all();
    if closes {
        // What it fails with, the reader of this end is told.
        let _ = half.close().await;
    }
}

async fn read(mut half: ReceiveHalf<Item>, mut reading: Reading) {
    while !reading.is_over() && !reading.has_enough() {
        if let Some(pause) = reading.pause() {
            sleep(pause).await;
        }
        reading.waits();
        reading.note(half.next().await);
    }
}

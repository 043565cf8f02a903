//! Streams that come from a function.

use std::pin::pin;
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt, unfold};
use tokio::time::{sleep, timeout};
use tractor::{Error, Exposes, Portal, Result};

use super::contexts::finish;
use super::items::{Direction, Item, Lane, Reading, Sending};
use super::plan::{Finish, Flow, Leave, Talk};
use crate::chaos::calls::{Kind, Made, probe, tell};
use crate::chaos::deeds::{Begun, Fault, act};
use crate::chaos::log::fresh_id;

/// Of so many items one is an error, where items can be.
const TO_A_FAULT: u64 = 5;

/// Sends what is to be sent, then ends as it is to.
#[tractor::rpc]
pub fn items(id: u64, flow: Flow, end: Finish) -> impl Stream<Item = Item> {
    numbered(id, flow, end)
}

/// The same, with errors among them.
#[tractor::rpc]
pub fn items_and_faults(
    id: u64,
    flow: Flow,
    end: Finish,
) -> impl Stream<Item = Result<Item, Fault>> {
    let numbered = numbered(id, flow, end).enumerate();
    numbered.map(|(number, item)| match number as u64 % TO_A_FAULT {
        0 => Err(Fault::item(fresh_id())),
        _ => Ok(item),
    })
}

fn numbered(id: u64, flow: Flow, end: Finish) -> impl Stream<Item = Item> {
    let lane = Lane {
        stream: id,
        direction: Direction::Up,
        flow,
    };
    let begun = (Begun::new(id), Sending::new(lane), false);
    unfold(begun, move |(begun, mut sending, handed)| async move {
        if handed {
            // Whoever asks for the next item has sent the last.
            sending.note(Ok(()));
        }
        let Some(item) = sending.item() else {
            if end == Finish::Returns {
                sending.all();
            }
            let _ = finish(id, id, end).await;
            return None;
        };
        Some((item, (begun, sending, true)))
    })
}

/// Reads a stream from an actor; `with_faults` when some of its items are errors.
///
/// # Errors
///
/// What the stream fails with.
pub async fn listen<A, I, J, K>(
    portal: Portal<A>,
    name: String,
    what: Talk,
    with_faults: bool,
    kind: Kind,
) -> Result<()>
where
    A: Exposes<items, I> + Exposes<items_and_faults, J> + Exposes<act, K>,
{
    let id = fresh_id();
    // Neither is there without a context.
    let flow = Flow {
        lossy: false,
        ..what.up
    };
    let end = match what.finish {
        Finish::Fails => Finish::Returns,
        other => other,
    };
    let lane = Lane {
        stream: id,
        direction: Direction::Up,
        flow,
    };
    let made = Made::new(id, &name, kind, 0);
    let ended = match with_faults {
        true => {
            let stream = portal.open_stream_from(items_and_faults(id, flow, end));
            read(stream, Reading::new(lane), what.leave).await
        }
        false => {
            let stream = portal.open_stream_from(items(id, flow, end));
            read(stream, Reading::new(lane), what.leave).await
        }
    };
    match ended {
        Some(result) => {
            made.resolved(&result);
            result
        }
        None => {
            drop(made);
            probe(&portal, &name).await
        }
    }
}

/// Reads a stream, and tells how it ended; nothing when it was dropped before.
async fn read(
    stream: impl Stream<Item = Result<Item>>,
    mut reading: Reading,
    leave: Leave,
) -> Option<Result<()>> {
    let reads = async {
        let mut stream = pin!(stream);
        while !reading.has_enough() {
            if let Some(pause) = reading.pause() {
                sleep(pause).await;
            }
            reading.waits();
            match stream.next().await {
                Some(Err(error)) if is_item(&error) => {
                    tell(0, &error);
                    reading.error_item();
                }
                Some(Err(error)) => {
                    reading.note(Some(Err(error.clone())));
                    return Some(Err(error));
                }
                None => {
                    reading.note(None);
                    return Some(Ok(()));
                }
                item => reading.note(item),
            }
        }
        None
    };
    match leave {
        Leave::Waits => reads.await,
        Leave::Cancels(millis)
        | Leave::Drops(millis)
        | Leave::Fails(millis)
        | Leave::Returns(millis) => timeout(Duration::from_millis(millis), reads)
            .await
            .unwrap_or_default(),
    }
}

/// True of an error that stands for an item.
fn is_item(error: &Error) -> bool {
    match error {
        Error::Remote(error) => error.clone().downcast::<Fault>().is_ok(),
        _ => false,
    }
}

//! Answering those who look into a tree from outside.
//!
//! ```text
//!   root ── GREETING ──▶ command        who cannot read what follows stops here
//!   root ◀── Question ── command        as often as it likes
//!   root ── Answer ────▶ command
//! ```
//!
//! A question and an answer are each a length, of 4 bytes, and so many bytes of postcard.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::base::{Actor, ActorSnapshot, Tasks};
use crate::process::Window;
use crate::scope::whole_tree;

/// What a root says first; its last byte changes with [`Question`] and [`Answer`].
pub(crate) const GREETING: [u8; 8] = *b"tractor\x01";

/// What is asked of a root.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// How long the actors have to answer.
    pub(crate) within: Duration,
}

/// What the tree does, or why that cannot be said.
pub(crate) type Answer = Result<ActorSnapshot, String>;

/// A question is small, and whoever asks is not trusted to say how large.
const QUESTION_LIMIT: u32 = 1 << 10;

/// So many may look at the same time: enough for people.
const MOST: usize = 16;

/// How long is waited after an error, such as too many open files.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers those who look into the tree of `root`, as long as its runtime runs.
pub(super) fn answer_those_who_look(root: &Actor) {
    let window = match Window::open() {
        Ok(window) => window,
        Err(error) => {
            tracing::warn!(%error, "nobody can look into this tree from outside");
            return;
        }
    };
    let (root, tasks) = (root.clone(), Tasks::new());
    let (visitors, places) = (tasks.clone(), Arc::new(Semaphore::new(MOST)));
    tasks.spawn(async move {
        loop {
            let accepted = window.accept().await;
            match (accepted, places.clone().try_acquire_owned()) {
                (Ok(stream), Ok(place)) => {
                    let root = root.clone();
                    visitors.spawn(async move {
                        let gone = answer(&root, stream).await;
                        tracing::debug!(?gone, "somebody has looked in");
                        drop(place);
                    });
                }
                (Ok(_), Err(_)) => tracing::warn!("{MOST} look into this tree already"),
                (Err(error), _) => {
                    tracing::warn!(%error, "cannot let anybody look in");
                    sleep(PAUSE).await;
                }
            }
        }
    });
}

/// Answers one visitor, until it goes away.
async fn answer(root: &Actor, mut stream: UnixStream) -> io::Result<()> {
    stream.write_all(&GREETING).await?;
    loop {
        let Question { within } = receive(&mut stream, QUESTION_LIMIT).await?;
        let seen = whole_tree(root, within).await;
        let answer: Answer = seen.map_err(|error| error.to_string());
        send(&mut stream, &answer).await?;
    }
}

/// Sends a question or an answer.
pub(crate) async fn send(stream: &mut UnixStream, value: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(value).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    stream.write_u32_le(length).await?;
    stream.write_all(&bytes).await
}

/// Receives a question or an answer of at most so many bytes.
pub(crate) async fn receive<T: DeserializeOwned>(
    stream: &mut UnixStream,
    limit: u32,
) -> io::Result<T> {
    let garbage = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let length = stream.read_u32_le().await?;
    if length > limit {
        return Err(garbage(format!("{length} bytes are more than {limit}")));
    }
    let mut bytes = Vec::new();
    let read = stream.take(length.into()).read_to_end(&mut bytes).await?;
    if read < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&bytes).map_err(|error| garbage(error.to_string()))
}

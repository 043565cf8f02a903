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
use tokio::time::{sleep, timeout};

use crate::base::{Actor, ActorSnapshot, Tasks};
use crate::process::Window;
use crate::scope::{of_root, set_levels_of};

/// What a root says first; its last byte changes with [`Question`] and [`Answer`].
pub(crate) const GREETING: [u8; 8] = *b"tractor\x02";

/// What is asked of a root.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// How long the actors have to answer.
    pub(crate) within: Duration,
    pub(crate) what: Asked,
}

/// What somebody wants of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Asked {
    /// To see what the tree does.
    Look,
    /// To change the levels of an actor, or of all.
    SetLevels {
        filter: String,
        actor: Option<String>,
    },
}

/// What it says to that.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Seen(ActorSnapshot),
    /// So many actors have changed.
    Changed(usize),
    Failed(String),
}

/// A question is small, and whoever asks is not trusted to say how large.
const QUESTION_LIMIT: u32 = 16 << 10;

/// So many may look at the same time; others wait.
const MOST: usize = 16;

/// How long is waited after an error, such as too many open files.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers those who look into the tree of `root`, as long as its runtime runs.
pub(super) fn answer_those_who_look(root: &Actor) {
    let window = match Window::open() {
        Ok(window) => window,
        Err(error) => {
            tracing::debug!(%error, "nobody can look into this tree from outside");
            return;
        }
    };
    let (root, tasks) = (root.clone(), Tasks::new());
    let (visitors, places) = (tasks.clone(), Arc::new(Semaphore::new(MOST)));
    tasks.spawn(async move {
        loop {
            // Who comes meanwhile waits in line.
            let place = places.clone().acquire_owned().await;
            match window.accept().await {
                Ok(stream) => {
                    let root = root.clone();
                    visitors.spawn(async move {
                        let gone = answer(&root, stream).await;
                        tracing::debug!(?gone, "somebody has looked in");
                        drop(place);
                    });
                }
                Err(error) => {
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
        let Question { within, what } = receive(&mut stream, QUESTION_LIMIT).await?;
        let answer = tokio::select! {
            answer = answer_to(root, within, what) => answer,
            gone = gone(&stream) => return gone,
        };
        send(&mut stream, &answer).await?;
    }
}

async fn answer_to(root: &Actor, within: Duration, what: Asked) -> Answer {
    match what {
        Asked::Look => Answer::Seen(of_root(root, within).await),
        Asked::SetLevels { filter, actor } => {
            match timeout(within, set_levels_of(root, filter, actor)).await {
                Ok(Ok(changed)) => Answer::Changed(changed),
                Ok(Err(error)) => Answer::Failed(error.to_string()),
                Err(_) => Answer::Failed(format!(
                    "not every actor has answered within {within:?}; those that do not hang have changed"
                )),
            }
        }
    }
}

/// Resolves when the visitor has gone away, or asks before it is answered, which nobody does.
async fn gone(stream: &UnixStream) -> io::Result<()> {
    loop {
        stream.readable().await?;
        match stream.try_read(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read.map(drop),
        }
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

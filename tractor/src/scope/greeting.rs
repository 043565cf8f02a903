//! The first words between an actor and its new child.

use std::future::pending;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::base::{Aid, Error, ExitStatus, SpawnError};
use crate::process::Process;
use crate::transport::{Frames, Socket};
use crate::wire::{Hello, Kind};

/// How long a child may take to start before that is worth a line in the log.
const SLOW_START: Duration = Duration::from_secs(5);

/// How long the end of a dead child's stream is waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Tells the child what it is, and waits for it to say that it is ready.
pub(super) async fn greet(
    frames: &mut Frames<Socket>,
    spec: &[u8],
    process: &mut Process,
    path: &str,
) -> Result<Aid, Error> {
    let silent = || SpawnError::new(path, "").into();
    let hello = async {
        // A child that is gone already cannot be told, but may have said why.
        let _ = frames.send(spec).await;
        match frames.receive(Kind::Hello).await {
            Ok(Ok(Some(Hello::Ready(aid)))) => Ok(aid),
            Ok(Ok(Some(Hello::Failed(reason)))) => Err(SpawnError::new(path, reason).into()),
            Ok(Ok(None)) => Err(silent()),
            Ok(Err(violation)) => Err(SpawnError::new(path, violation.to_string()).into()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Err(silent()),
            Err(error) => Err(SpawnError::new(path, error.to_string()).into()),
        }
    };
    let slow = async {
        sleep(SLOW_START).await;
        tracing::warn!(
            actor = path,
            "still waiting for the child to enter the tractor runtime; what runs in `main` before \
             that, runs in every child"
        );
        pending().await
    };
    let mut hello = pin!(hello);
    tokio::select! {
        biased;
        greeted = &mut hello => greeted,
        // Its last words are in the socket, and then the end of the stream: unless something else
        // that it has forked holds its end open.
        _ = process.wait() => {
            timeout(LAST_WORDS, hello).await.unwrap_or_else(|_| Err(silent()))
        }
        never = slow => never,
    }
}

/// A child that hung up without a word is told of by how it ended.
pub(super) fn explain_start(path: &str, error: Error, status: ExitStatus) -> Error {
    match error {
        Error::Spawn(silent) if silent.reason().is_empty() => {
            let reason = format!(
                "its process {status} before it was ready; `main` has to enter the tractor \
                 runtime (#[tractor::main] or tractor::run) before anything else"
            );
            SpawnError::new(path, reason).into()
        }
        other => other,
    }
}

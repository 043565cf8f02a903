//! A connection to the root of a tree.

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::find::window;
use super::trouble::Trouble;
use crate::base::{ActorSnapshot, Tasks};
use crate::process::look_in;
use crate::runtime::inspect::{Answer, GREETING, Question, receive, send};
use crate::scope::from_outside;

/// More than the text of any tree; a root is trusted, but not garbage.
const ANSWER_LIMIT: u32 = 256 << 20;

/// What the way to the root and back may take.
const WAY: Duration = Duration::from_millis(200);

/// A connection to the root of a tree.
#[derive(Debug)]
pub(super) struct Attached {
    root: u32,
    questions: mpsc::Sender<Question>,
    answers: mpsc::Receiver<Result<ActorSnapshot, Trouble>>,
    /// Whether an answer is to come: that of a root which does not answer comes later, or never.
    asked: bool,
}

/// A runtime to look with.
pub(super) fn runtime() -> Result<Runtime, Trouble> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(Trouble::Output)
}

impl Attached {
    /// Connects to the process `root`.
    pub(super) fn to(root: u32) -> Result<Self, Trouble> {
        let name = || crate::process::name(root).unwrap_or_default();
        let window = window(root)?.ok_or_else(|| Trouble::NoWindow {
            pid: root,
            name: name(),
        })?;
        let stream = look_in(root, &window).map_err(|error| Trouble::Lost { pid: root, error })?;
        let (questions, asked) = mpsc::channel(1);
        let (answer, answers) = mpsc::channel(1);
        Tasks::new().spawn(async move {
            if let Err(trouble) = converse(root, stream, asked, &answer).await {
                let _ = answer.send(Err(trouble)).await;
            }
        });
        Ok(Self {
            root,
            questions,
            answers,
            asked: false,
        })
    }

    /// What the tree does; of a root that does not answer within that time, what the kernel knows.
    pub(super) async fn look(&mut self, within: Duration) -> Result<ActorSnapshot, Trouble> {
        let due = Instant::now() + within + WAY;
        loop {
            // What is answered late was seen then: it is asked again.
            let fresh = !self.asked;
            if fresh {
                self.asked = self.questions.send(Question { within }).await.is_ok();
            }
            match timeout_at(due, self.answers.recv()).await {
                Ok(Some(answer)) => {
                    self.asked = false;
                    if fresh || answer.is_err() {
                        return answer;
                    }
                }
                Ok(None) => return Err(Trouble::Ended { pid: self.root }),
                Err(_) => return Ok(from_outside(self.root)),
            }
        }
    }
}

/// Asks what is to be asked, as long as there is an answer.
async fn converse(
    root: u32,
    mut stream: UnixStream,
    mut questions: mpsc::Receiver<Question>,
    answers: &mpsc::Sender<Result<ActorSnapshot, Trouble>>,
) -> Result<(), Trouble> {
    let lost = |error| lost(root, error);
    let mut greeting = [0; GREETING.len()];
    stream.read_exact(&mut greeting).await.map_err(lost)?;
    if greeting != GREETING {
        return Err(Trouble::OtherVersion { pid: root });
    }
    while let Some(question) = questions.recv().await {
        send(&mut stream, &question).await.map_err(lost)?;
        let answer: Answer = receive(&mut stream, ANSWER_LIMIT).await.map_err(lost)?;
        let answer = answer.map_err(|reason| Trouble::Failed { pid: root, reason });
        if answers.send(answer).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn lost(pid: u32, error: io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => Trouble::Ended { pid },
        _ => Trouble::Lost { pid, error },
    }
}
